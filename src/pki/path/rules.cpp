#include "pki/path/rules.hpp"

#include "pki/dsn_ranges.hpp"

namespace tf::pki {
namespace {

Error refused(const char* reason, std::string detail) { return Error{Code::refused, reason, std::move(detail)}; }

// An authority that has one of these may issue for it.
constexpr Usage kHandedOn[] = {Usage::tls_server,       Usage::tls_client,     Usage::wallet_encryption,    Usage::wallet_results,
                               Usage::onboard_module,   Usage::onboard_module_decryption, Usage::onboard_operator,
                               Usage::onboard_issuer,   Usage::onboard_registration,      Usage::onboard_access,
                               Usage::cardsign_payment, Usage::cardsign_hash,             Usage::cardsign_server};

UsageSet permitted_below(const Facts& issuer, bool issuer_is_root) {
  UsageSet out;
  if ((issuer.key_usage & KU_CRL_SIGN) != 0) out.add(Usage::ocsp_signing);
  if (issuer_is_root && issuer.usages.empty()) {
    out.add(Usage::key_distribution_host);
    out.add(Usage::loader);
    for (const Usage usage : kHandedOn) out.add(usage);
    return out;
  }
  if (issuer.usages.has(Usage::loader)) {
    out.add(Usage::loader);
    if (issuer.has_dsn_ranges) out.add(Usage::device);
  }
  for (const Usage same : kHandedOn)
    if (issuer.usages.has(same)) out.add(same);
  return out;
}

Status check_ranges(const Facts& child, const Facts& issuer) {
  if (!child.dsn_ranges || !issuer.dsn_ranges)
    return refused("pki.bad_certificate", "the DSN ranges extension does not parse");
  if (!issuer.has_dsn_ranges) return {};
  if (!child.has_dsn_ranges)
    return refused("pki.dsn_out_of_range", "it names no DSN range, though its issuer is limited");
  if (!all_within(*child.dsn_ranges, *issuer.dsn_ranges))
    return refused("pki.dsn_out_of_range", "its DSN ranges go beyond its issuer's");
  return {};
}

Status check_path_length(const Facts& child, const Facts& issuer) {
  if (!child.is_ca || !issuer.path_length) return {};
  if (!child.path_length || *child.path_length >= *issuer.path_length)
    return refused("pki.untrusted", "its issuer may not issue such a CA (path length)");
  return {};
}

bool needs_ranges(Usage usage) {
  return usage == Usage::key_distribution_host || usage == Usage::device || usage == Usage::loader;
}

bool right_key_usage(const Facts& leaf, Usage usage) {
  constexpr std::uint32_t kIssuing = KU_KEY_CERT_SIGN | KU_CRL_SIGN;
  if (usage == Usage::loader) return leaf.is_ca && leaf.path_length == 0 && (leaf.key_usage & KU_KEY_CERT_SIGN) != 0;
  if (leaf.is_ca || (leaf.key_usage & kIssuing) != 0) return false;
  if (usage == Usage::wallet_encryption || usage == Usage::onboard_module_decryption) return (leaf.key_usage & (KU_KEY_AGREEMENT | KU_KEY_ENCIPHERMENT)) != 0;
  // An RSA work certificate decrypts (classic), a P-256 one signs (modern).
  const std::uint32_t needed =
      usage == Usage::key_distribution_host ? KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT : KU_DIGITAL_SIGNATURE;
  return (leaf.key_usage & needed) != 0;
}

Status check_device(const Facts& leaf) {
  const auto& ranges = *leaf.dsn_ranges;
  if (ranges.size() != 1 || ranges[0].from() != ranges[0].to() || ranges[0].from().text() != leaf.subject_serial_number)
    return refused("pki.bad_certificate", "a device certificate names one DSN, in its subject and as its range");
  return {};
}

}  // namespace

Status check_form(const Facts& facts) {
  if (!facts.key)
    return refused("pki.bad_certificate", "its key is neither P-256 nor RSA of 2048 to 8192 bits");
  if (!facts.acceptable_signature)
    return refused("pki.bad_certificate", "its signature is neither ECDSA nor RSASSA-PSS with SHA-256");
  if (facts.foreign_critical) return refused("pki.bad_certificate", "it has an unknown critical extension");
  return {};
}

Status check_validity(const Facts& facts, std::int64_t at_ms) {
  if (at_ms < facts.not_before_ms) return refused("pki.not_yet_valid", "a certificate of the chain is not valid yet");
  if (at_ms >= facts.not_after_ms) return refused("pki.expired", "a certificate of the chain has expired");
  return {};
}

Status check_link(const Facts& child, const Facts& issuer, bool issuer_is_root) {
  if (!issuer.is_ca || (issuer.key_usage & KU_KEY_CERT_SIGN) == 0)
    return refused("pki.untrusted", "its issuer is no certificate authority");
  // A CA that issues to its own name would escape the count of path lengths (RFC 5280 §6.1.4 l).
  if (child.self_issued) return refused("pki.untrusted", "it bears its issuer's name");
  if (child.authority_key_id.empty() || child.authority_key_id != issuer.subject_key_id)
    return refused("pki.untrusted", "it was issued under another key");
  TF_CHECK(check_path_length(child, issuer));
  // An authority of the root may name no usage; nothing that we have a use for then validates below it.
  const bool named = !child.usages.empty() || (child.is_ca && issuer_is_root);
  if (child.foreign_usage || !named || !child.usages.within(permitted_below(issuer, issuer_is_root)))
    return refused("pki.wrong_usage", "its issuer may not issue certificates for its usage");
  return check_ranges(child, issuer);
}

// One certificate, one usage; but a server that calls other servers has TLS in both directions.
bool is_for(const UsageSet& usages, Usage usage) {
  constexpr UsageSet kBothDirections{Usage::tls_server, Usage::tls_client};
  return usages == UsageSet{usage} || (usages == kBothDirections && kBothDirections.has(usage));
}

Status check_leaf(const Facts& leaf, Usage usage) {
  if (!is_for(leaf.usages, usage) || leaf.foreign_usage || !right_key_usage(leaf, usage))
    return refused("pki.wrong_usage", "not a certificate for: " + std::string(name_of(usage)));
  if (!leaf.dsn_ranges) return refused("pki.bad_certificate", "the DSN ranges extension does not parse");
  if (needs_ranges(usage) && !leaf.has_dsn_ranges) return refused("pki.dsn_out_of_range", "it names no DSN range");
  return usage == Usage::device ? check_device(leaf) : Status{};
}

Status check_dsn(const Facts& leaf, const wire::Dsn& dsn) {
  if (!leaf.dsn_ranges || !any_contains(*leaf.dsn_ranges, dsn))
    return refused("pki.dsn_out_of_range", dsn.text() + " is not in its DSN ranges");
  return {};
}

}  // namespace tf::pki
