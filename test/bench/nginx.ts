import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '../support/free-port.ts'
import { processSeconds } from './cpu.ts'

export interface Nginx {
  readonly url: URL
  /** Of its only worker. */
  readonly cpuSeconds: () => Promise<number>
  readonly stop: () => Promise<void>
}

/** nginx with one worker and a file of 4 KB as `/prompts/p1`; `null` if it is not installed. Linux only. */
export async function startNginx(folder: string): Promise<Nginx | null> {
  const root = join(folder, 'nginx')
  await mkdir(join(root, 'prompts'), { recursive: true })
  await writeFile(join(root, 'prompts/p1'), 'You sort support tickets. '.repeat(160))
  const port = await freePort()
  const file = join(root, 'nginx.conf')
  await writeFile(file, configuration(root, port))
  const master = spawn('nginx', ['-e', 'stderr', '-c', file], { stdio: 'inherit' })
  const started = await Promise.race([
    once(master, 'spawn').then(() => true),
    once(master, 'error').then(() => false),
  ])
  if (!started) return null
  const url = new URL(`http://127.0.0.1:${port}`)
  while (!(await fetch(new URL('/prompts/p1', url)).catch(() => null))) await pause(20)
  const children = await readFile(`/proc/${master.pid}/task/${master.pid}/children`, 'utf8')
  const worker = Number(children.trim().split(' ')[0])
  return {
    url,
    cpuSeconds: async () => processSeconds(worker),
    async stop() {
      master.kill('SIGTERM')
      await once(master, 'exit')
    },
  }
}

function configuration(root: string, port: number): string {
  // As root the worker would otherwise run as a user that may not read the folder.
  return `
${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
worker_processes 1;
pid ${root}/nginx.pid;
events {}
http {
  access_log off;
  sendfile on;
  keepalive_requests 1000000;
  client_body_temp_path ${root};
  server { listen 127.0.0.1:${port}; root ${root}; default_type application/json; }
}
`
}
