import type { LintReport, LintResult } from './lint-tree.ts'

/** Writes a lint report for programs. */

/** Workflow commands, which GitHub shows on the lines of a pull request. */
export function githubLines({ results }: LintReport): string[] {
  return results.map(({ level, code, path, line, column, message }) => {
    const place = path === '' ? '' : `file=${property(path)},line=${line},col=${column},`
    return `::${level} ${place}title=${property(code)}::${data(message)}`
  })
}

/** GitHub decodes these escapes. Without them a file name could start another command. */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}

/** SARIF 2.1.0, for code scanning. */
export function sarifLog({ results }: LintReport, version: string): object {
  const codes = [...new Set(results.map(({ code }) => code))].toSorted()
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'promptctl', version, rules: codes.map((id) => ({ id })) } },
        columnKind: 'unicodeCodePoints',
        results: results.map((result) => sarifResult(result, codes)),
      },
    ],
  }
}

function sarifResult({ level, code, path, line, column, message }: LintResult, codes: readonly string[]) {
  const region = { startLine: line, startColumn: column }
  // A URI reference: a file name may have characters that one cannot.
  const uri = path.split('/').map(encodeURIComponent).join('/')
  const physicalLocation = { artifactLocation: { uri, uriBaseId: '%SRCROOT%' }, region }
  const where = path === '' ? {} : { locations: [{ physicalLocation }] }
  return { ruleId: code, ruleIndex: codes.indexOf(code), level, message: { text: message }, ...where }
}
