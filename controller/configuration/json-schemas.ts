import { z } from 'zod'
import { ConfigSchema } from '../config.ts'
import { LAYOUT_FILE, RepositoryLayoutSchema } from '../desired/repository-layout.ts'

/** By file name below `docs/`: what editors check the configuration files with. They know less than the controller. */
export const JSON_SCHEMAS: Readonly<Record<string, object>> = {
  'promptctl.schema.json': {
    ...z.toJSONSchema(ConfigSchema, { io: 'input' }),
    title: 'promptctl.yaml',
    description: 'What the controller watches and where it writes to.',
  },
  'promptctl-source.schema.json': {
    ...z.toJSONSchema(RepositoryLayoutSchema, { io: 'input' }),
    title: LAYOUT_FILE,
    description: 'How a repository of prompts is laid out; read from the tracked branch alone.',
  },
}
