import picomatch from 'picomatch'
import { describe, expect, it } from 'vitest'
import { compileGlob, compileGlobs, globProblem, globsProblem } from '../../../controller/values/glob.ts'
import { alternativesOf, GLOB_LIMITS } from '../../../controller/values/glob-alternatives.ts'
import { matchesNames, namesOf } from '../../../controller/values/glob-match.ts'
import fc, { runs } from '../../support/fast-check.ts'

const words = (text: string) => text.split(' ').filter((word) => word !== '')

describe('a pattern', () => {
  it.each([
    ['a.md', 'a.md', 'b.md a.md/x x/a.md A.md a_md'],
    ['*', 'a a.b é', '.a a/b'],
    ['*.md', 'a.md a.b.md', '.md .a.md a/b.md a.mdx'],
    ['a*c', 'ac abc abbc', 'a/c abcd'],
    ['*a*b', 'ab xaxb aab', 'ba a/b'],
    ['?', 'a é 🙂', '. ab'],
    ['a?c', 'abc a.c', 'ac a/c abbc'],
    ['**', 'a a/b a/b/c', '.a a/.b'],
    ['**/x', 'x a/x a/b/x', '.a/x ax a/xb a/x/b'],
    ['a/**', 'a/b a/b/c', 'a ab a/.b b/a'],
    ['*/**', 'a/b a/b/c', 'a'],
    ['a/**/b', 'a/b a/x/b a/x/y/b', 'ab a/.x/b a/b/c'],
    ['**/**', 'a a/b', '.a'],
    ['**/a/**/b', 'a/b x/a/y/b a/a/b/b', 'a/c b/a'],
    ['**/*.md', 'a.md x/y/a.md', 'x/.md .x/a.md a.txt'],
    ['[abc]', 'a b c', 'd ab'],
    ['[a-cx-z]', 'b y', 'd w'],
    ['[а-я]', 'ж', 'z'],
    ['[!a]x', 'bx', 'ax .x'],
    ['[^a-c]x', 'dx', 'bx .x'],
    ['x[!/a]', '', ''],
    ['[]a]', '] a', 'b'],
    ['[!]a]', 'b', '] a'],
    ['[a-]', 'a -', 'b'],
    ['[-a]', 'a -', 'b'],
    ['[\\]\\-\\\\]', '] - \\', 'a'],
    ['[*?{]', '* ? {', 'a'],
    ['[🙂-🙃]', '🙂 🙃', '🙁'],
    ['{a,b}', 'a b', 'ab {a,b}'],
    ['a{,b,c{d,e}}f', 'af abf acdf acef', 'acf abdf'],
    ['{a,b}/{c,d}', 'a/c b/d', 'a/b a/c/d'],
    ['{a/b,c}/d', 'a/b/d c/d', 'a/d'],
    ['{prompts/**,docs/*.md}', 'prompts/x/y docs/a.md', 'docs/x/a.md'],
    ['{**,x}/a', 'a b/a x/a', 'b'],
    ['{a}', '{a}', 'a'],
    ['{}', '{}', 'a'],
    ['a}b]', 'a}b]', 'ab'],
    ['\\*\\?\\[\\{\\(\\!\\\\', '*?[{(!\\', 'a'],
    ['\\a', 'a', '\\a'],
    ['./a/*', 'a/b', 'b'],
    ['a+b@c!d$e^f|g', 'a+b@c!d$e^f|g', 'aab'],
    ['"a"', '"a"', 'a'],
    ['.*', '.a', 'a'],
    ['.*/**', '.a/b', '.a .a/.b a'],
    ['{.,}a', '.a a', 'b'],
    ['[.]a', '.a', 'a'],
    ['?a', 'ba', '.a'],
  ])('%s matches the expected paths and no other', (pattern, matching, other) => {
    if (matching === '') return expect(globProblem(pattern)).toBeDefined()
    const matches = compileGlob(pattern)
    expect(words(matching).filter((path) => !matches(path))).toEqual([])
    expect(words(other).filter(matches)).toEqual([])
    expect(matches('')).toBe(false)
  })

  it('matches names with spaces, line feeds and control characters', () => {
    for (const path of ['a b', 'a\nb', 'a\u2028b', 'a\u0001b']) expect(compileGlob('a*b')(path)).toBe(true)
  })

  it('matches names that begin with a dot if configured', () => {
    for (const pattern of ['*', '?a', '**', '**/*', '[!b]a']) {
      expect(compileGlob(pattern, { dot: true })('.a')).toBe(true)
      expect(compileGlob(pattern)('.a')).toBe(false)
    }
    expect(compileGlob('**/x', { dot: true })('.a/.b/x')).toBe(true)
  })
})

describe('an invalid pattern', () => {
  it.each([
    ['', 'empty'],
    ['(a+)+b', '\\('],
    ['+(*)b', '{a,b}'],
    ['+(a*)b', '{a,b}'],
    ['@(a|b)', '{a,b}'],
    ['!(a)', '!'],
    ['a/!(b)', '{a,b}'],
    ['?(a)', '{a,b}'],
    ['*(a)', '{a,b}'],
    ['a)', '\\('],
    ['!a', 'exclude'],
    ['a**', '**/*.md'],
    ['**.md', '**/*.md'],
    ['a/**b/c', '**/*.md'],
    ['x{**,a}', '**/*.md'],
    ['***', '**'],
    ['a\\', '\\\\'],
    ['[a', '\\['],
    ['[]', '\\['],
    ['[!]', '\\['],
    ['a[\\', '\\['],
    ['[a/b]', '/'],
    ['[c-a]', 'lower'],
    ['[[:alpha:]]', '[a-z]'],
    ['{a', '\\{'],
    ['{a,b', '\\{'],
    ['{a,{b}', '\\{'],
    ['{1..3}', '{1,2,3}'],
    ['/a', 'Remove'],
    ['a/', '/**'],
    ['a{/,b}', '/**'],
    ['a//b', 'Remove'],
    ['../a', '..'],
    ['a/./b', '.'],
    ['.', '.'],
  ])('%s has a message with what to write instead', (pattern, remedy) => {
    const problem = globProblem(pattern)
    expect(problem).toContain(remedy)
    expect(problem).toMatch(/\. .*\.$/)
    expect(() => compileGlob(pattern)).toThrow(problem)
  })

  it('includes one beyond the limit, or one that braces expand beyond it', () => {
    expect(globProblem('a'.repeat(GLOB_LIMITS.pattern))).toBeUndefined()
    expect(globProblem('a'.repeat(GLOB_LIMITS.pattern + 1))).toContain('513 characters')
    // Eight alternatives of 256 characters, plus eight for their number.
    expect(globProblem(`${'a'.repeat(255)}{b,c,d,e,f,g,h}`)).toBeUndefined()
    expect(globProblem(`${'a'.repeat(255)}{b,c,d,e,f,g,h,i}`)).toContain('braces')
    for (const bomb of [
      '{a,b}'.repeat(100),
      '{,}'.repeat(170),
      '{,,}'.repeat(128),
      '{a,{b,{c,{d,e}}}}'.repeat(30),
      '{a,'.repeat(120) + '}'.repeat(120),
    ])
      expect(globProblem(bomb) === undefined || globProblem(bomb)?.includes('braces')).toBe(true)
    expect(globProblem('{,}'.repeat(170))).toContain('braces')
    expect(globProblem(`[${'a'.repeat(300)}]{${','.repeat(7)}}`)).toContain('braces')
  })

  it('is either reported or compiled, for any characters', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'ab./*?[]{},!^-\\()|+@🙂') }),
        fc.string(),
        (pattern, path) => {
          const problem = globProblem(pattern)
          if (problem === undefined) expect(typeof compileGlob(pattern)(path)).toBe('boolean')
          else expect(() => compileGlob(pattern)).toThrow(problem)
        },
      ),
      { numRuns: runs(500) },
    )
  })
})

describe('a list of patterns', () => {
  it('matches a path that any pattern matches, and nothing if it is empty', () => {
    const matches = compileGlobs(['*.md', 'a/**'])
    expect(['b.md', 'a/b', 'b.txt', ''].map(matches)).toEqual([true, true, false, false])
    expect(compileGlobs([])('a')).toBe(false)
    expect(compileGlobs(['*'], { dot: true })('.a')).toBe(true)
  })

  it('has a common limit, which counts alternatives and ignores invalid patterns', () => {
    const ofSize = (size: number) => 'a'.repeat(size - 1)
    const list = (sizes: readonly number[]) => sizes.map(ofSize)
    expect(globsProblem([])).toBeUndefined()
    expect(globsProblem(list(Array.from({ length: 16 }, () => GLOB_LIMITS.list / 16)))).toBeUndefined()
    expect(globsProblem(list(Array.from({ length: 17 }, () => GLOB_LIMITS.list / 16)))).toBe(
      'The patterns expand to 4352 characters together; at most 4096 are allowed. Use fewer of them.',
    )
    const braces = `${'a'.repeat(255)}{b,c,d,e,f,g,h}`
    expect(globsProblem([braces, braces])).toBeUndefined()
    expect(globsProblem([braces, braces, braces])).toContain('characters together')
    expect(globsProblem(Array.from({ length: 20 }, () => 'a'.repeat(600)))).toBeUndefined()
  })
})

describe('compared with picomatch', () => {
  const character = fc.constantFrom('a', 'b', '.', '-', 'é', '\\a', '\\*', '{a,bx}', '{.,x}', '{a,{b,c}}')
  const wildcard = fc.constantFrom('*', '?', '[ab]', '[a-b.]')
  const first = fc.oneof(character, wildcard)
  const atom = fc.oneof({ weight: 2, arbitrary: first }, { weight: 1, arbitrary: fc.constant('[^a]') })
  const name = fc.tuple(first, fc.array(atom, { maxLength: 4 })).map(([one, others]) => one + others.join(''))
  const folders = fc.array(
    fc.oneof(
      fc.constant('**/'),
      name.map((one) => `${one}/`),
    ),
    { maxLength: 3 },
  )
  const pattern = fc.oneof(
    fc.constant('**'),
    fc.tuple(folders, name).map(([path, last]) => path.join('') + last),
  )
  const pathName = fc.string({
    unit: fc.constantFrom('a', 'b', 'c', '.', '-', 'é', 'x', '*'),
    minLength: 1,
    maxLength: 5,
  })
  const path = fc.array(
    pathName.filter((one) => one !== '.' && one !== '..'),
    { minLength: 1, maxLength: 4 },
  )

  it('the same paths match, except for the differences below', () => {
    let matching = 0
    fc.assert(
      fc.property(pattern, fc.array(path, { minLength: 20, maxLength: 20 }), (glob, paths) => {
        fc.pre(globProblem(glob) === undefined)
        const [ours, theirs] = [compileGlob(glob), picomatch(glob)]
        const files = paths.map((names) => names.join('/'))
        const matched = files.filter((one) => ours(one))
        expect(matched).toEqual(files.filter((one) => theirs(one)))
        matching += matched.length
      }),
      { numRuns: runs(1000) },
    )
    expect(matching).toBeGreaterThan(runs(200))
  })

  it.each([
    ['a set with `!` is negated', '[!a]', 'b', true],
    ['a negated set does not name the dot', '[^a]b', '.b', false],
    ['a wildcard after braces does not name it either', '{*,x}b', '.b', false],
    ['braces stand for patterns, so `**` may match no name', '{**,x}/a', 'a', true],
    ['what is below a folder is not the folder', 'a/**', 'a', false],
    ['a character outside the basic plane is one', '?', '🙂', true],
    ['a quote is a character', '"a*"', '"ab"', true],
    ['a pattern does not match itself as a name', '[a]', '[a]', false],
  ])('%s', (_difference, glob, one, ours) => {
    expect(compileGlob(glob)(one)).toBe(ours)
    expect(picomatch(glob)(one)).toBe(!ours)
  })
})

describe('the number of comparisons', () => {
  const sizeOf = (pattern: string) =>
    alternativesOf(pattern)
      .flat()
      .reduce((sum, segment) => sum + (segment === 'globstar' ? 0 : segment.length) + 1, 0)

  const stepsOf = (pattern: string, path: string) => {
    let steps = 0
    const names = namesOf(path)
    const onSteps = (count: number) => {
      steps += count
    }
    for (const segments of alternativesOf(pattern)) matchesNames(segments, names, { dot: false, onSteps })
    return steps
  }

  it.each([
    [`**/${'*a'.repeat(10)}b`, 'a'.repeat(60)],
    [`${'*a'.repeat(100)}b`, 'a'.repeat(4000)],
    [`${'*'.concat('a'.repeat(50)).repeat(5)}b`, 'a'.repeat(4000)],
    [`${'**/*a'.concat('/').repeat(50)}b`, 'a/'.repeat(2000).concat('c')],
    [`${'**/'.repeat(100)}b`, 'a/'.repeat(2000).concat('c')],
    [`${'{*a,*b}'.repeat(5)}c`, 'ab'.repeat(2000)],
    [`${'?*'.repeat(100)}b`, 'a'.repeat(4000)],
    [`${'[ab]*'.repeat(60)}c`, 'ab'.repeat(2000)],
    [`${'a'.repeat(400)}*`, 'a'.repeat(4000)],
  ])('is at most pattern length times path length for %s', (pattern, path) => {
    const size = sizeOf(pattern)
    const steps = stepsOf(pattern, path)
    expect(steps).toBeGreaterThan(0)
    expect(steps).toBeLessThanOrEqual(size * (path.length + 1))
    expect(stepsOf(pattern, path.repeat(2))).toBeLessThanOrEqual(2.1 * steps + size)
  })

  it('is at most pattern length times path length for any pattern', () => {
    const pattern = fc.string({
      unit: fc.constantFrom('a', 'b', '*', '?', '/', '{', '}', ',', '**/'),
      maxLength: 40,
    })
    const path = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 60 })
    fc.assert(
      fc.property(pattern, path, (glob, one) => {
        fc.pre(globProblem(glob) === undefined)
        const size = sizeOf(glob)
        expect(stepsOf(glob, one)).toBeLessThanOrEqual(size * (one.length + 1))
      }),
      { numRuns: runs(500) },
    )
  })

  it('is a few per character of the path for ordinary patterns', () => {
    const path = `${'folder/'.repeat(100)}name.md`
    expect(stepsOf('**/*.md', path)).toBeLessThanOrEqual(3 * path.length)
    expect(stepsOf('folder/**', path)).toBeLessThanOrEqual(path.length)
  })
})
