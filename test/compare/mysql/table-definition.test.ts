import { describe, expect, it } from 'vitest';
import { tableParts } from './table-definition.ts';

describe('tableParts', () => {
  it('takes a definition apart by names, whatever is in its texts', () => {
    const parts = tableParts(
      [
        'CREATE TABLE `od``d` (',
        '  `id` bigint(20) NOT NULL AUTO_INCREMENT,',
        "  `a``b` varchar(5) DEFAULT 'x, `y`' COMMENT 'AUTO_INCREMENT=3,\\n)',",
        '  PRIMARY KEY (`id`),',
        '  UNIQUE KEY `IX_1` (`a``b`),',
        '  CONSTRAINT `sane` CHECK (`id` > 0)',
        ") ENGINE=InnoDB AUTO_INCREMENT=17 DEFAULT CHARSET=utf8mb4 COMMENT='it''s'",
      ].join('\n'),
    );
    expect(parts).toEqual({
      table: ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='it''s'; columns id, a``b",
      columns: new Map([
        ['id', 'bigint(20) NOT NULL AUTO_INCREMENT'],
        ['a``b', "varchar(5) DEFAULT 'x, `y`' COMMENT 'AUTO_INCREMENT=3,\\n)'"],
      ]),
      indexes: new Map([
        ['PRIMARY', 'PRIMARY KEY (`id`)'],
        ['IX_1', 'UNIQUE KEY `IX_1` (`a``b`)'],
      ]),
      constraints: new Map([['sane', 'CONSTRAINT `sane` CHECK (`id` > 0)']]),
      counter: '17',
    });
  });
});
