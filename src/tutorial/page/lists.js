// Lists whose elements are there by the contract of the data.

/**
 * An element that is there by the contract.
 * @template T
 * @param {T[] | undefined} list
 * @param {number} k
 * @returns {T}
 */
export function at(list, k) {
    const element = list?.[k];
    if (element === undefined) throw new RangeError(`element ${k} of ${list?.length ?? 0}`);
    return element;
}
