import { growthTaskSchema, runGrowthTask } from './growth-task.ts';

/** Does one task and says what it took. */
const task = growthTaskSchema.parse(JSON.parse(process.argv[2] ?? ''));
process.stdout.write(`${JSON.stringify(await runGrowthTask(task))}\n`);
process.exit(0);
