/** Whether an answer shows that the host failed, so that another one is asked. @see RSC15l3, RSC15l4 */
export function isHostFault({ status, headers }: Pick<Response, 'status' | 'headers'>): boolean {
  return (status >= 500 && status <= 504) || (status >= 400 && headers.get('server') === 'CloudFront');
}
