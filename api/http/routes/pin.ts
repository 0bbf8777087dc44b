/** A pin from a query string, where an unescaped `+` decodes to a space. */
export function pin(text: string | undefined): string | undefined {
  return text?.replaceAll(' ', '+')
}
