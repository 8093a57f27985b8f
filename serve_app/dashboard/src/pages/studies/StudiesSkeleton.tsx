import { Loading } from "../../parts/Skeleton";

/** Cards in the shape of those that are loading, so that nothing moves when they come. */
export function StudiesSkeleton() {
  return (
    <div className="grid grid-cols-[repeat(auto-fill,minmax(min(20rem,100%),1fr))] gap-3">
      <div className="panel h-44 p-4">
        <Loading lines={4} />
      </div>
      <div aria-hidden="true" className="panel hidden h-44 sm:block" />
      <div aria-hidden="true" className="panel hidden h-44 lg:block" />
    </div>
  );
}
