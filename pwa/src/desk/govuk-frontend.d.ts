/** The design system's scripts come without types. */
declare module 'govuk-frontend' {
  type Component = new (root: Element) => unknown
  export const Button: Component
  export const ErrorSummary: Component
  export const ServiceNavigation: Component
  export const SkipLink: Component
  export function createAll(component: Component): void
}
