/**
 * Calls about users and roles, as long as every client may do everything: the superuser and the two built-in
 * roles are there, so that tools which list them have something to show.
 */
import type { Handlers } from './handlers.ts';

const ROOT = 'root';
const ROLES: readonly string[] = ['admin', 'public'];

export function userHandlers(): Handlers {
  return {
    ListCredUsers: () => Promise.resolve({ usernames: [ROOT] }),
    SelectRole({ role, includeUserInfo }) {
      const wanted = ROLES.filter((name) => role === null || role.name === name);
      return Promise.resolve({
        results: wanted.map((name) => ({
          role: { name },
          users: includeUserInfo && name === 'admin' ? [{ name: ROOT }] : [],
        })),
      });
    },
  };
}
