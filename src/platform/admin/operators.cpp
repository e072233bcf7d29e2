#include "platform/admin/operators.hpp"

#include "base/log.hpp"
#include "crypto/digest.hpp"
#include "net/problem.hpp"
#include "wire/encoding.hpp"

namespace tf::platform {

namespace {

Error unknown() { return Error{Code::denied, "platform.unknown_operator", "this client certificate belongs to no operator in office"}; }

Result<std::optional<Operator>> find(store::Session& session, const char* sql, std::string_view key) {
  std::optional<Operator> out;
  TF_CHECK(session.query(sql, {key}, [&](const store::Row& row) -> Status {
    out = Operator{row.text(0), TF_TRY(parse_role(row.text(1)))};
    return {};
  }));
  return out;
}

constexpr const char* kInOffice = "SELECT name, role FROM operators WHERE fingerprint = $1 AND revoked = 0";
constexpr const char* kRenewed =
    "SELECT o.name, o.role FROM operator_renewals r JOIN operators o ON o.name = r.name WHERE r.fingerprint = $1 AND o.revoked = 0";

// Out with the old certificate. Looks again: of two first calls at once the second finds it done.
Result<Operator> take_over(Context& context, const Operator& who, const std::string& fingerprint) {
  TF_CHECK(perform_act(context, {"operator:" + who.name, "operators.renewed", who.name}, [&](store::Session& session) -> Status {
    if (TF_TRY(find(session, kInOffice, fingerprint))) return {};
    if (!TF_TRY(find(session, kRenewed, fingerprint))) return unknown();
    TF_TRY(session.execute("UPDATE operators SET fingerprint = $1 WHERE name = $2", {std::string_view(fingerprint), std::string_view(who.name)}));
    TF_TRY(session.execute("DELETE FROM operator_renewals WHERE name = $1", {std::string_view(who.name)}));
    return {};
  }));
  return who;
}

}  // namespace

Result<Operator> authenticate(Context& context, const std::optional<Bytes>& client_certificate) {
  if (!client_certificate)
    return Error{Code::denied, net::kNoCredentials, "this needs an operator's client certificate"};
  const std::string fingerprint = wire::hex_lower(crypto::sha256(*client_certificate));
  std::optional<Operator> found, renewed;
  TF_CHECK(context.database.read([&](store::Session& session) -> Status {
    found = TF_TRY(find(session, kInOffice, fingerprint));
    if (!found) renewed = TF_TRY(find(session, kRenewed, fingerprint));
    return {};
  }));
  if (found) return std::move(*found);
  if (renewed) return take_over(context, *renewed, fingerprint);
  return unknown();
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
    TF_TRY(session.execute("DELETE FROM operator_renewals WHERE name = $1", {std::string_view(name)}));
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

Result<Bytes> renew_operator(Context& context, const Operator& who, ByteView request) {
  const Bytes certificate = TF_TRY(context.certificates.issue_operator(context.vault, context.random, context.clock.now_ms(), who.name, request));
  const std::string fingerprint = wire::hex_lower(crypto::sha256(certificate));
  TF_CHECK(perform_act(context, {"operator:" + who.name, "operators.renew", who.name}, [&](store::Session& session) -> Status {
    TF_TRY(session.execute("DELETE FROM operator_renewals WHERE name = $1", {std::string_view(who.name)}));
    TF_TRY(session.execute("INSERT INTO operator_renewals (name, fingerprint) VALUES ($1, $2)", {std::string_view(who.name), std::string_view(fingerprint)}));
    return {};
  }));
  return certificate;
}

}  // namespace tf::platform
