/** For --import: keeps the names of all packages that are loaded from here on. */
import { registerHooks } from 'node:module';

const loadedPackages: string[] = [];
Object.assign(globalThis, { loadedPackages });

registerHooks({
  resolve(specifier, context, next) {
    const isPackage = !specifier.startsWith('.') && !/^(?:node|file|data):|^\//.test(specifier);
    if (isPackage && !loadedPackages.includes(specifier)) loadedPackages.push(specifier);
    return next(specifier, context);
  },
});
