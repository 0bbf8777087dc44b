import { expect } from 'vitest'
import { chapter } from '../support/chapter.ts'
import type { WiredWorld } from '../support/wired-world.ts'

const IMAGE = '123456789012.dkr.ecr.eu-central-1.amazonaws.com/prompt-controller:1.0.0'

/** What AWS drops with a function, and what else another apply could take away. */
export function replacedChapters(theWorld: () => WiredWorld): void {
  chapter('is settled, with the concurrency that the wiring reserves', async () => {
    const { platform, applied, concurrency } = theWorld()
    expect(await platform.isSettled()).toBe(true)
    expect(await concurrency(applied.reader.name)).toBe(20)
    expect(await concurrency(applied.writer.name)).toBeNull()
    expect(await concurrency(applied.controller.name)).toBe(10)
    expect(await concurrency(applied.webhooks.name)).toBe(5)
  })

  chapter('repairs everything that belongs to a tainted function in one apply', async () => {
    const { platform, applied, belongings, concurrency } = theWorld()
    const before = await belongings()
    const writer = 'module.prompt_registry.aws_lambda_function.this["writer"]'
    const rest = ['controller', 'webhooks'].map(
      (role) => `module.prompt_controller.aws_lambda_function.this["${role}"]`,
    )
    await platform.terraform('taint', writer)
    await platform.terraform('apply', '-no-color', ...rest.map((address) => `-replace=${address}`))

    const after = await belongings()
    expect(after).toEqual({ ...before, writerUrl: expect.stringMatching(/^https:/) })
    // AWS gives a new function a new URL, and so does the emulator.
    expect(after.writerUrl).not.toBe(before.writerUrl)
    expect(await concurrency(applied.controller.name)).toBe(10)
    expect(await platform.isSettled()).toBe(true)
  })

  chapter('repairs everything that belongs to the controller when it becomes an image', async () => {
    const { platform, applied, belongings } = theWorld()
    const before = await belongings()
    const image = `package_type = "image"\n  image_uri = "${IMAGE}"`
    await platform.edit('wiring.tf', 'package_type = "zip"', image)
    await platform.terraform('apply', '-no-color')

    const { Code } = await platform.aws.get('lambda', `/2015-03-31/functions/${applied.controller.name}`)
    expect(Code).toMatchObject({ ImageUri: IMAGE })
    expect(await belongings()).toEqual(before)
    // The emulator makes up a configuration of the image.
    expect(await platform.pending()).toEqual([
      'module.prompt_controller.aws_lambda_function.this["controller"]: image_config',
    ])
  })
}
