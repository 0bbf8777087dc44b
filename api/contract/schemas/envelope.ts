import { z } from 'zod'

export const Envelope = z
  .object({
    payloadType: z.string().max(200),
    payload: z.string(),
    signatures: z
      .array(z.object({ keyid: z.string().max(200).optional(), sig: z.string().max(2000) }))
      .max(16)
      .readonly(),
  })
  .meta({ id: 'Envelope', description: 'A DSSE envelope with an in-toto statement.' })
