/** The public keys in a text, with a comma or a line break between them. Comment lines begin with `#`. */
export function keyTexts(text = ''): readonly string[] {
  const keys = text.match(/-----BEGIN [\s\S]+?-----END [^-]+-----|[^,\n]+/g) ?? []
  return keys.map((key) => key.trim()).filter((key) => key !== '' && !key.startsWith('#'))
}
