import { writeFile } from 'node:fs/promises'
import { JSON_SCHEMAS } from '../controller/configuration/json-schemas.ts'

/** Writes the JSON Schemas of the configuration files to docs: `node scripts/schemas.ts && npm run format`. */
for (const [name, schema] of Object.entries(JSON_SCHEMAS))
  await writeFile(new URL(`../docs/${name}`, import.meta.url), JSON.stringify(schema))
