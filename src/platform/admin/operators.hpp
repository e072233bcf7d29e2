// Operators: who may call /admin/v1. An operator is known by the fingerprint of his client certificate; his role stands in
// the database and is read at every call, so a revocation holds at once.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "platform/context.hpp"
#include "platform/admin/roles.hpp"

namespace tf::platform {

struct OperatorRecord {
  Operator who;
  std::string fingerprint;  // SHA-256 of the certificate, lower-case hex
  bool revoked = false;
};

// The operator behind a client certificate; Code::denied "platform.unknown_operator" for strangers and revoked ones,
// net::kNoCredentials when there is no certificate. The first call with a renewed certificate ends the one before.
Result<Operator> authenticate(Context& context, const std::optional<Bytes>& client_certificate);
Result<std::vector<OperatorRecord>> list_operators(Context& context);
// Registers a certificate that the operations CA issued. Code::conflict when name or certificate is known already.
Status insert_operator(store::Session& session, const Operator& who, ByteView certificate);
Status revoke_operator(Context& context, const std::string& actor, const std::string& name);
// A client certificate for a new operator's own key (PKCS#10, DER), registered under the role. DER.
Result<Bytes> enrol_operator(Context& context, const std::string& actor, const Operator& who, ByteView request);
// Another certificate for an operator in office, who asks himself, with a new key. The one he has is good until he first calls with the new
// one: an answer that is lost locks nobody out. DER.
Result<Bytes> renew_operator(Context& context, const Operator& who, ByteView request);

}  // namespace tf::platform
