/**
 * Stands for the platform's FormData in a bundle that sends no forms: the Azure SDK asks of every request whether its body
 * is one, and by that question alone Node.js loads the whole of its fetch, HTTP/2 with it.
 */
export class FormData {}
