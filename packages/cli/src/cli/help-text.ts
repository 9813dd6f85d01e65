/** What `lcb --help` ends with. */
export const epilogue = `
Configuration is lcb.yaml, in this folder or one above:

  # yaml-language-server: $schema=./lcb.schema.json     (made by: lcb config schema > lcb.schema.json)
  projects:
    retail:
      environments:
        prd:
          database:
            engine: postgresql
            url: postgres://liferay@localhost:5432/lportal
            secret: env:LIFERAY_DB_PASSWORD
          library: /srv/liferay/data/document_library
          backups: /srv/backups

Exit codes:
  0  done
  1  failed: the run failed, or a check found a problem
  2  wrong input or configuration; nothing was done
  3  there is no such backup or restore
  4  the environment is busy, or something else stands against it now
  5  cancelled
 70  a mistake in lcb itself
130  left by a second Ctrl-C; the next lcb goes on with the run

The answer goes to standard output and everything else to standard error: progress as bars on a terminal and as JSON
lines otherwise. NO_COLOR is respected.`;
