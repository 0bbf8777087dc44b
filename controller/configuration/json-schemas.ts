import { z } from 'zod'
import { LAYOUT_FILE, RepositoryLayoutSchema } from '../prompts/repository-layout.ts'
import { ConfigSchema } from './config.ts'

/** The JSON Schemas for editors, by file name in `docs/`. The controller checks more than they can express. */
export const JSON_SCHEMAS: Readonly<Record<string, object>> = {
  'promptctl.schema.json': {
    ...z.toJSONSchema(ConfigSchema, { io: 'input' }),
    title: 'promptctl.yaml',
    description: 'The repositories that the controller watches, and the registry that it writes to.',
  },
  'promptctl-source.schema.json': {
    ...z.toJSONSchema(RepositoryLayoutSchema, { io: 'input' }),
    title: LAYOUT_FILE,
    description: 'The layout of a prompt repository. Read from the tracked branch only.',
  },
}
