#include "ca/authority.hpp"

namespace tf::ca {

pki::ocsp::Responder responder_of(const vault::Vault& vault, const Delegate& delegate) {
  const auto key = delegate.certificate.public_key();
  const bool rsa = key && key->kind() == crypto::KeyKind::rsa;
  return {.certificate = delegate.certificate, .include_certificate = true, .sign = [&vault, name = delegate.key_name, rsa](ByteView tbs) -> Result<Bytes> {
            if (rsa) return vault.sign_ps256(name, tbs);
            return pki::ocsp::to_der(TF_TRY(vault.sign_es256(name, tbs)));
          }};
}

Status pin_places(store::Session& session, const Authority& authority) {
  struct Pinned {
    std::int64_t shards;
    std::string pattern;
  };
  const pki::RevocationPlaces& places = authority.places;
  const auto pinned = TF_TRY(session.query_one("SELECT shards, crl_pattern FROM pki_authorities WHERE name = $1", {std::string_view(authority.name)},
                                               [](const store::Row& row) { return Pinned{row.integer(0), row.text(1)}; }));
  if (pinned && pinned->shards == places.shards && pinned->pattern == places.crl_pattern) return {};
  if (pinned) {
    bool issued = false;
    TF_CHECK(session.query("SELECT 1 FROM pki_certificates WHERE authority = $1 LIMIT 1", {std::string_view(authority.name)}, [&](const store::Row&) -> Status {
      issued = true;
      return {};
    }));
    if (issued)
      return Error{Code::invalid, "ca.url", "certificates of authority " + authority.name + " are out that name " + pinned->pattern + " with " +
                                                std::to_string(pinned->shards) + " shards; keep these, or keep them served and found there"};
    TF_TRY(session.execute("DELETE FROM pki_authorities WHERE name = $1", {std::string_view(authority.name)}));
    TF_TRY(session.execute("DELETE FROM pki_lists WHERE authority = $1", {std::string_view(authority.name)}));
  }
  TF_TRY(session.execute("INSERT INTO pki_authorities (name, shards, crl_pattern) VALUES ($1, $2, $3)",
                         {std::string_view(authority.name), static_cast<std::int64_t>(places.shards), std::string_view(places.crl_pattern)}));
  return {};
}

}  // namespace tf::ca
