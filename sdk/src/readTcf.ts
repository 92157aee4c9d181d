/** What a consent platform says, in the words of IAB TCF v2, in; whether that is consent out; nothing: not said yet. */

export interface TcData {
  gdprApplies?: boolean;
  /** `useractioncomplete` and `tcloaded` are answers; `cmpuishown` is only a question on the screen. */
  eventStatus?: string;
  purpose?: { consents?: { [id: string]: boolean } };
  vendor?: { consents?: { [id: string]: boolean } };
}

export function readTcf({ gdprApplies, eventStatus, purpose, vendor }: TcData, purposes: string[], vendorId: string): boolean | undefined {
  if (gdprApplies === false) return true;
  if (eventStatus !== 'tcloaded' && eventStatus !== 'useractioncomplete') return undefined;
  return purposes.every((id) => purpose?.consents?.[id]) && (!vendorId || !!vendor?.consents?.[vendorId]);
}
