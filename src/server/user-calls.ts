/**
 * Calls that list users, roles and grants, as long as every client may do everything: there are the superuser
 * and the two built-in roles, no grants and no privilege groups, and tools like Attu can show that.
 */
import { milvusError, type MilvusError } from '../base/errors.ts';
import type { Handlers } from './handlers.ts';

const ROOT = 'root';
const ADMIN = 'admin';
const ROLES: readonly string[] = [ADMIN, 'public'];

export function userHandlers(): Handlers {
  return {
    ListCredUsers: () => Promise.resolve({ usernames: [ROOT] }),
    SelectRole({ role, includeUserInfo }) {
      const wanted = ROLES.filter((name) => role === null || role.name === name);
      return Promise.resolve({
        results: wanted.map((name) => ({
          role: { name },
          users: includeUserInfo && name === ADMIN ? [{ name: ROOT }] : [],
        })),
      });
    },
    async SelectUser({ user, includeRoleInfo }) {
      await Promise.resolve();
      if (user !== null && user.name !== ROOT) throw notFound('user', user.name);
      return {
        results: [{ user: { name: ROOT }, roles: includeRoleInfo ? [{ name: ADMIN }] : [] }],
      };
    },
    async SelectGrant({ entity }) {
      await Promise.resolve();
      const name = entity?.role?.name ?? '';
      if (!ROLES.includes(name)) throw notFound('role', name);
      return { entities: [] };
    },
    ListPrivilegeGroups: () => Promise.resolve({ privilegeGroups: [] }),
  };
}

function notFound(what: 'user' | 'role', name: string): MilvusError {
  const message = `not found the ${what}, maybe the ${what} isn't existed or internal system error`;
  return milvusError('Unexpected', { message, fields: { [what]: name } });
}
