#include "platform/admin/operators.hpp"

#include "base/log.hpp"
#include "crypto/digest.hpp"
#include "net/problem.hpp"
#include "wire/encoding.hpp"

namespace tf::platform {

Result<Operator> authenticate(store::Database& database, const std::optional<Bytes>& client_certificate) {
  if (!client_certificate)
    return Error{Code::denied, net::kNoCredentials, "this needs an operator's client certificate"};
  const std::string fingerprint = wire::hex_lower(crypto::sha256(*client_certificate));
  std::optional<Operator> found;
  TF_CHECK(database.read([&](store::Session& session) -> Status {
    return session.query("SELECT name, role FROM operators WHERE fingerprint = $1 AND revoked = 0",
                         {std::string_view(fingerprint)}, [&](const store::Row& row) -> Status {
                           found = Operator{row.text(0), TF_TRY(parse_role(row.text(1)))};
                           return {};
                         });
  }));
  if (!found) return Error{Code::denied, "platform.unknown_operator", "this client certificate belongs to no operator in office"};
  return std::move(*found);
}

Result<std::vector<OperatorRecord>> list_operators(Context& context) {
  std::vector<OperatorRecord> out;
  TF_CHECK(context.database.read([&](store::Session& session) -> Status {
    return session.query("SELECT name, role, fingerprint, revoked FROM operators ORDER BY name", {}, [&](const store::Row& row) -> Status {
      out.push_back({{row.text(0), TF_TRY(parse_role(row.text(1)))}, row.text(2), row.integer(3) != 0});
      return {};
    });
  }));
  return out;
}

Status insert_operator(store::Session& session, const Operator& who, ByteView certificate) {
  const std::string fingerprint = wire::hex_lower(crypto::sha256(certificate));
  TF_TRY(session.execute("INSERT INTO operators (fingerprint, name, role) VALUES ($1, $2, $3)",
                         {std::string_view(fingerprint), std::string_view(who.name), name_of(who.role)}));
  return {};
}

Status revoke_operator(Context& context, const std::string& actor, const std::string& name) {
  return perform_act(context, {actor, "operators.revoke", name}, [&](store::Session& session) -> Status {
    const auto changed = TF_TRY(session.execute("UPDATE operators SET revoked = 1 WHERE name = $1 AND revoked = 0", {std::string_view(name)}));
    if (changed == 1) return {};
    return Error{Code::not_found, "platform.unknown_operator", "no operator " + log::quoted(name) + " in office"};
  });
}

Result<Bytes> enrol_operator(Context& context, const std::string& actor, const Operator& who, ByteView request) {
  const Bytes certificate = TF_TRY(context.certificates.issue_operator(context.vault, context.random, context.clock.now_ms(), who.name, request));
  TF_CHECK(perform_act(context, {actor, "operators.enrol", who.name, R"({"role":")" + std::string(name_of(who.role)) + "\"}"},
                       [&](store::Session& session) -> Status { return insert_operator(session, who, certificate); }));
  return certificate;
}

}  // namespace tf::platform
