import { expect, it } from 'vitest'
import { TEMPLATE_LANGUAGES, type TemplateLanguage } from '../../../../api/contract/reading/index.ts'
import { placeholderNames } from '../../../../api/contract/reading/placeholders.ts'

const TEMPLATES: readonly (readonly [TemplateLanguage, string, readonly string[]])[] = [
  ['simple', '{{a}} {{ b.c }} {{größe}} {{a}} {{ not this }} {{#if x}} {{>p}} { d }', ['a', 'b', 'größe']],
  ['f-string', '{a} {b.c} {d[0]} {e!r} {f:>10} {{g}} {0} {} {h', ['a', 'b', 'd', 'e', 'f']],
  ['semantic-kernel', '{{$a}} {{ $b }} {{x.y $c d=$e}} {{ "lit" }} $f', ['a', 'b', 'c', 'e']],
  ['handlebars', '{{a}} {{{b}}} {{~c~}} {{&d}} {{! e }} {{!-- }} {{f}} --}} \\{{g}}', ['a', 'b', 'c', 'd']],
  ['handlebars', '{{#if a}}{{b}}{{else if c}}{{d}}{{else}}{{e}}{{/if}}', ['a', 'b', 'c', 'd', 'e']],
  [
    'handlebars',
    '{{#each a as |x|}}{{x.y}}{{z}}{{../b}}{{@index}}{{@root.c}}{{/each}}{{d}}',
    ['a', 'b', 'c', 'd'],
  ],
  ['handlebars', '{{#with a}}{{#each b}}{{../../c}}{{../d}}{{/each}}{{/with}}', ['a', 'c']],
  ['handlebars', '{{#list}}{{inner}}{{/list}}{{^none}}{{x}}{{/none}}', ['list', 'none', 'x']],
  [
    'handlebars',
    '{{json a indent=b}} {{helper (lookup c "d") 1 true}} {{this}} {{[odd name]}}',
    ['a', 'b', 'c', 'odd name'],
  ],
  ['handlebars', '{{role "user"}}{{history}}{{>part a}}{{{{raw}}}}{{b}}{{{{/raw}}}}{{media url=c}}', ['c']],
  ['jinja', '{{ a }} {{ b.c|upper }} {{ d["x"] }} {{ f(e) }} {# g #} {{ "h" }}', ['a', 'b', 'd', 'e']],
  ['jinja', '{% for x, y in a %}{{ x }}{{ loop.index }}{% endfor %}{% set z = b %}{{ z }}', ['a', 'b']],
  [
    'jinja',
    '{% if a and not b is defined or c == "x" %}{% elif d in e %}{% endif %}',
    ['a', 'b', 'c', 'd', 'e'],
  ],
  [
    'jinja',
    '{% raw %}{{ a }}{% endraw %}{%- include "x" -%}{{ b if c else d }} {{ f(k=e) }}',
    ['b', 'c', 'd', 'e'],
  ],
  [
    'liquid',
    '{{ a | append: b }} {% assign x = c %}{{ x }}{% for i in d %}{{ i.e }}{% endfor %}',
    ['a', 'b', 'c', 'd'],
  ],
  [
    'liquid',
    '{% comment %}{{ a }}{% endcomment %}{% case b %}{% when "c" %}{{ d }}{% endcase %}',
    ['b', 'd'],
  ],
]

it.each(TEMPLATES)('in %s, %s uses its values', (language, template, names) => {
  expect(placeholderNames(template, language)).toEqual(names)
})

const SIZE = 64 * 1024
const PIECES = [
  ...[
    '{{',
    '}}',
    '{{{{',
    '{{{',
    '{{!--',
    '{{#each a}}',
    '{{/each}}',
    '{{../',
    '{{"',
    "{{'",
    '\\{{',
    '{{a.',
    '{{ ',
  ],
  ...[
    '{%',
    '{% raw %}',
    '{% if a %}',
    '{% set ',
    '{#',
    '{{ "\\"',
    '{a',
    '{',
    '{{$',
    '$a',
    'a ',
    '<message role="',
    '(',
  ],
]

it.each(PIECES)('a template of nothing but %s is read in one go, in every language', (piece) => {
  const text = piece.repeat(SIZE / piece.length)
  for (const language of TEMPLATE_LANGUAGES)
    for (const template of [text, `{{${text}`, `{{${text}}}`, `{% if ${text} %}`])
      expect(placeholderNames(template, language).length).toBeLessThanOrEqual(500)
})
