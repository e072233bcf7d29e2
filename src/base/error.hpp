// What went wrong: a closed code for machines, a static reason for the audit trail, a detail for the person.
// The code is all a peer is told; reason and detail stay on our side.
#pragma once
#include <string>
#include <string_view>

namespace tf {

enum class Code {
  invalid,      // the caller's input is wrong: command line, configuration, request field
  malformed,    // bytes that do not parse
  refused,      // a peer failed to prove itself, or policy says no
  denied,       // authenticated, but the role does not allow it
  not_found,    // no such terminal, key, zone, session
  conflict,     // it exists already, or changed meanwhile
  overloaded,   // come back later
  unavailable,  // a part we depend on cannot do it now: database, network, disk
  sealed,       // the vault is sealed or the passphrase is wrong
  integrity,    // stored data fails its check
  internal,     // ours
};

struct Error {
  Code code = Code::internal;
  const char* reason = "internal";  // static string, "room.what_happened"
  std::string detail;               // for people; never a secret
};

std::string_view name_of(Code code);
// "reason: detail", for logs and terminals.
std::string describe(const Error& error);

}  // namespace tf
