import type { Observable } from 'rxjs';
import { onScopeDispose, type ShallowRef, shallowRef } from 'vue';

/** The newest value of a stream, while the component is mounted. */
export function useObservable<T>(stream: Observable<T>): Readonly<ShallowRef<T | undefined>> {
  const newest = shallowRef<T>();
  const subscription = stream.subscribe((value) => {
    newest.value = value;
  });
  onScopeDispose(() => subscription.unsubscribe());
  return newest;
}
