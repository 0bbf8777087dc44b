/** `npm run bench -- NAME`: runs the benchmark test/bench/NAME.ts. */
const [name, ...rest] = process.argv.slice(2)
if (name === undefined || !/^[a-z-]+$/.test(name)) {
  console.error('Name a benchmark of test/bench, such as: npm run bench -- client')
  process.exitCode = 2
} else {
  process.argv.splice(2, process.argv.length, ...rest)
  await import(`./${name}.ts`)
}
