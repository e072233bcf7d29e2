#include "platform/admin/roles.hpp"

#include "base/log.hpp"

namespace tf::platform {

std::string_view name_of(Role role) {
  switch (role) {
    case Role::administrator: return "administrator";
    case Role::custodian: return "custodian";
    case Role::operator_: return "operator";
    case Role::auditor: return "auditor";
  }
  return "";
}

Result<Role> parse_role(std::string_view name) {
  for (const Role role : kRoles)
    if (name == name_of(role)) return role;
  return Error{Code::invalid, "platform.role", log::quoted(name) + " is no role: administrator, custodian, operator, auditor"};
}

}  // namespace tf::platform
