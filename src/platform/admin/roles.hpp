// Operators and what their roles may do. One table of every endpoint and role; what is not in it is denied.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tf::platform {

enum class Role { administrator, custodian, operator_, auditor };
std::string_view name_of(Role role);
Result<Role> parse_role(std::string_view name);  // Code::invalid "platform.role"
inline constexpr Role kRoles[] = {Role::administrator, Role::custodian, Role::operator_, Role::auditor};

struct Operator {
  std::string name;
  Role role = Role::auditor;
};

// A set of roles, as in the endpoint table.
class Roles {
 public:
  constexpr Roles(std::initializer_list<Role> roles) {
    for (const Role role : roles) bits_ |= 1U << static_cast<unsigned>(role);
  }
  [[nodiscard]] constexpr bool contains(Role role) const { return (bits_ >> static_cast<unsigned>(role) & 1U) != 0; }

 private:
  unsigned bits_ = 0;
};

}  // namespace tf::platform
