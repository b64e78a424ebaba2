/** The words of a notice: the paragraphs of its form with the record's answers in them. The server's twin is notices.py. */
import type { Answers, Form, Issue } from '../types.ts'
import { wordsOf } from './answers.ts'
import type { Lists } from './expressions.ts'

export function paragraphsOf(issue: Issue, form: Form, answers: Answers, lists: Lists): string[] {
  const fields = everyField(form.fields)
  const words = (name: string) => {
    const field = fields.find((each) => each.name === name)
    return field ? wordsOf(field, answers, lists) : ''
  }
  return issue.notice.map((paragraph) => paragraph.replace(/\{([a-z][a-z0-9_]*)\}/g, (_, name: string) => words(name)))
}

/** The pieces of a paragraph; what stands between ** stands out. */
export function bold(paragraph: string): { text: string; strong: boolean }[] {
  return paragraph
    .split('**')
    .map((text, index) => ({ text, strong: index % 2 === 1 }))
    .filter(({ text }) => text !== '')
}

function everyField(fields: Form['fields']): Form['fields'] {
  return fields.flatMap((field) => [field, ...everyField(field.fields ?? [])])
}
