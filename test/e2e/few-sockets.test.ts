import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { isolatedGitEnvironment } from '../support/git-repository.ts'
import { scratchFolder } from '../support/scratch.ts'

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url))

/** `serve` in a process that may open 64 files, and the port that it listens on. */
async function serveWithFewSockets() {
  const folder = await scratchFolder()
  await writeFile(join(folder, 'promptctl.yaml'), 'registry: { file: registry.db }\nsources: []\n')
  const program = `'${path('node_modules/.bin/node')}' --disable-warning=ExperimentalWarning '${path('controller/cli/main.ts')}'`
  const child = spawn('sh', ['-c', `ulimit -n 64; exec ${program} serve --port 0`], {
    cwd: folder,
    env: isolatedGitEnvironment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const closed = once(child, 'close')
  let out = ''
  while (!/No sources to watch/.test(out)) {
    const [chunk] = await once(child.stdout, 'data')
    out += chunk
  }
  const port = Number(/127\.0\.0\.1:(\d+)/.exec(out)?.[1])
  return { child, closed, port }
}

test('serve ends when it is asked to, though more connections came than it has sockets', async () => {
  const { child, closed, port } = await serveWithFewSockets()
  const sockets = Array.from({ length: 100 }, () => connect(port, '127.0.0.1').on('error', () => {}))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
  })
  await Promise.all(sockets.map((socket) => once(socket, 'connect')))
  for (const socket of sockets.slice(0, 50)) socket.write('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await once(sockets[0] ?? child, 'data')
  child.kill('SIGTERM')
  expect(await closed).toEqual([0, null])
})
