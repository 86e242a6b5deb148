/** `/users/*`, `/roles/*` and `/privilege_groups/*`. Passwords go in base64, as clients of gRPC send them. */
import {
  OperatePrivilegeGroupType,
  OperatePrivilegeType,
  OperateUserRoleType,
} from '../wire/generated/milvus.ts';
import type { RequestBody } from './request-body.ts';
import { DONE, type RestAnswer, type RestCall, type Routes } from './rest-call.ts';

const { AddUserToRole, RemoveUserFromRole } = OperateUserRoleType;
const { Grant, Revoke } = OperatePrivilegeType;
const { AddPrivilegesToGroup, RemovePrivilegesFromGroup } = OperatePrivilegeGroupType;

export const accessRoutes: Routes = {
  '/users/list': listUsers,
  '/users/describe': describeUser,
  '/users/create': createUser,
  '/users/update_password': updateUser,
  '/users/drop': dropUser,
  '/users/grant_role': (call) => operateRole(call, AddUserToRole),
  '/users/revoke_role': (call) => operateRole(call, RemoveUserFromRole),
  '/roles/list': listRoles,
  '/roles/describe': describeRole,
  '/roles/create': createRole,
  '/roles/alter': alterRole,
  '/roles/drop': dropRole,
  '/roles/grant_privilege': (call) => operatePrivilege(call, Grant),
  '/roles/revoke_privilege': (call) => operatePrivilege(call, Revoke),
  '/roles/grant_privilege_v2': (call) => operatePrivilegeV2(call, Grant),
  '/roles/revoke_privilege_v2': (call) => operatePrivilegeV2(call, Revoke),
  '/privilege_groups/create': createGroup,
  '/privilege_groups/drop': dropGroup,
  '/privilege_groups/list': listGroups,
  '/privilege_groups/add_privileges_to_group': (call) => operateGroup(call, AddPrivilegesToGroup),
  '/privilege_groups/remove_privileges_from_group': (call) =>
    operateGroup(call, RemovePrivilegesFromGroup),
};

async function listUsers(call: RestCall): Promise<RestAnswer> {
  const { usernames } = await call.call('ListCredUsers', {});
  return { data: usernames };
}

async function describeUser(call: RestCall): Promise<RestAnswer> {
  const name = call.body.requiredText('userName');
  const { results } = await call.call('SelectUser', { user: { name }, includeRoleInfo: true });
  const found = results.find(({ user }) => user?.name === name);
  return {
    data: (found?.roles ?? []).map((role) => role.name),
    description: found?.description ?? '',
  };
}

async function createUser(call: RestCall): Promise<RestAnswer> {
  const { body } = call;
  await call.call('CreateCredential', {
    username: body.requiredText('userName'),
    password: base64(body.requiredText('password')),
    ...descriptionOf(body),
  });
  return DONE;
}

async function updateUser(call: RestCall): Promise<RestAnswer> {
  const { body } = call;
  const newPassword = body.text('newPassword');
  const passwords =
    newPassword === ''
      ? {}
      : { oldPassword: base64(body.text('password')), newPassword: base64(newPassword) };
  const username = body.requiredText('userName');
  await call.call('UpdateCredential', { username, ...passwords, ...descriptionOf(body) });
  return DONE;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function descriptionOf(body: RequestBody): { description?: string } {
  return body.has('description') ? { description: body.text('description') } : {};
}

async function dropUser(call: RestCall): Promise<RestAnswer> {
  await call.call('DeleteCredential', { username: call.body.requiredText('userName') });
  return DONE;
}

async function operateRole(call: RestCall, type: number): Promise<RestAnswer> {
  const username = call.body.requiredText('userName');
  const roleName = call.body.requiredText('roleName');
  await call.call('OperateUserRole', { username, roleName, type });
  return DONE;
}

async function listRoles(call: RestCall): Promise<RestAnswer> {
  const { results } = await call.call('SelectRole', {});
  return { data: results.map(({ role }) => role?.name ?? '') };
}

async function describeRole(call: RestCall): Promise<RestAnswer> {
  const { body, databaseName: dbName } = call;
  const role = { name: body.requiredText('roleName') };
  const { results } = await call.call('SelectRole', { role });
  const { entities } = await call.call('SelectGrant', { entity: { role, dbName } });
  return {
    data: entities.map((grant) => ({
      objectType: grant.object?.name ?? '',
      objectName: grant.objectName,
      privilege: grant.grantor?.privilege?.name ?? '',
      dbName: grant.dbName,
      grantor: grant.grantor?.user?.name ?? '',
    })),
    description: results[0]?.role?.description ?? '',
  };
}

async function createRole(call: RestCall): Promise<RestAnswer> {
  const name = call.body.requiredText('roleName');
  await call.call('CreateRole', { entity: { name, description: call.body.text('description') } });
  return DONE;
}

async function alterRole(call: RestCall): Promise<RestAnswer> {
  const roleName = call.body.requiredText('roleName');
  await call.call('AlterRole', { roleName, description: call.body.text('description') });
  return DONE;
}

async function dropRole(call: RestCall): Promise<RestAnswer> {
  await call.call('DropRole', { roleName: call.body.requiredText('roleName') });
  return DONE;
}

async function operatePrivilege(call: RestCall, type: number): Promise<RestAnswer> {
  const { body, databaseName: dbName } = call;
  await call.call('OperatePrivilege', {
    entity: {
      role: { name: body.requiredText('roleName') },
      object: { name: body.requiredText('objectType') },
      objectName: body.requiredText('objectName'),
      grantor: { privilege: { name: body.requiredText('privilege') } },
      dbName,
    },
    type,
  });
  return DONE;
}

async function operatePrivilegeV2(call: RestCall, type: number): Promise<RestAnswer> {
  const { body } = call;
  await call.call('OperatePrivilegeV2', {
    role: { name: body.requiredText('roleName') },
    grantor: { privilege: { name: body.requiredText('privilege') } },
    type,
    dbName: body.text('dbName'),
    collectionName: body.text('collectionName'),
  });
  return DONE;
}

async function createGroup(call: RestCall): Promise<RestAnswer> {
  const groupName = call.body.requiredText('privilegeGroupName');
  await call.call('CreatePrivilegeGroup', { groupName });
  return DONE;
}

async function dropGroup(call: RestCall): Promise<RestAnswer> {
  const groupName = call.body.requiredText('privilegeGroupName');
  await call.call('DropPrivilegeGroup', { groupName });
  return DONE;
}

async function listGroups(call: RestCall): Promise<RestAnswer> {
  const found = await call.call('ListPrivilegeGroups', {});
  const privilegeGroups = found.privilegeGroups.map(({ groupName, privileges }) => ({
    privilegeGroupName: groupName,
    privileges: privileges.map(({ name }) => name).join(','),
  }));
  return { data: { privilegeGroups } };
}

async function operateGroup(call: RestCall, type: number): Promise<RestAnswer> {
  const groupName = call.body.requiredText('privilegeGroupName');
  const privileges = call.body.texts('privileges').map((name) => ({ name }));
  await call.call('OperatePrivilegeGroup', { groupName, privileges, type });
  return DONE;
}
