import type { HostileCase } from './hostile-case.ts'
import { layoutCases } from './layouts.ts'
import { refCases } from './refs.ts'
import { textCases } from './texts.ts'
import { treeCases } from './trees.ts'

export const HOSTILE: readonly HostileCase[] = [...layoutCases, ...textCases, ...treeCases, ...refCases]
