/** Who computes: the native kernels where they are loaded, else their TypeScript twins. */
import { type NativeAddon, nativeAddon } from '../base/native.ts';
import { type RunningScan, Scan, type ScanResult, type ScanTask } from './flat.ts';
import { NativeScan } from './native-scan.ts';

/** @param addon null: the twin */
export function openScan(task: ScanTask, addon: NativeAddon | null = nativeAddon()): RunningScan {
  return addon === null ? new Scan(task) : new NativeScan(task, addon);
}

/** Runs a scan from beginning to end. */
export function scanTopK(task: ScanTask, addon: NativeAddon | null = nativeAddon()): ScanResult {
  const scan = openScan(task, addon);
  while (!scan.isDone) scan.step();
  return scan.result();
}
