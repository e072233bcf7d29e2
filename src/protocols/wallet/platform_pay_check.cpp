// S46, first half: what a payment must be before the books are asked.
#include "crypto/digest.hpp"
#include "crypto/jose/jose.hpp"
#include "protocols/wallet/platform_steps.hpp"
#include "protocols/wallet/user_key.hpp"
#include "wire/encoding.hpp"

namespace tf::wallet {

Status check_session(const Session* session, bool active, Suite suite, const PlatformPorts& ports, const std::optional<Status>& certificate) {
  if (session == nullptr || ports.clock.now_ms() >= session->expires_ms) return refused("wallet.session", "no such session, or it has ended");
  if (!active) return refused("wallet.session", "the registration of the session is no longer active");
  if (session->suite != suite) return refused("wallet.suite", "the session's suite is " + std::string(name_of(session->suite)));
  return certificate ? *certificate : ports.check_certificate(session->certificate);
}

Status check_binding(const RequestBinding& binding, const Session& session, const PlatformPorts& ports) {
  TF_CHECK(check_platform(binding.platform, ports));
  if (binding.certificate != session.thumbprint) return refused("wallet.other_certificate", "signed for another certificate than the session's");
  if (binding.session != session.id) return refused("wallet.other_session", "signed for another session");
  return {};
}

namespace {

bool must_be_sealed(const Policy& policy, const OrderTerms& terms) {
  const auto limit = policy.critical_from.find(terms.currency);
  return limit != policy.critical_from.end() && terms.amount >= limit->second;
}

// Content and PIN block, out of the seal or beside a MAC.
Result<PayContent> content_of(const PayRequest& request, const Session& session, const PlatformPorts& ports) {
  if (request.is_critical()) {
    const bool modern = request.suite == Suite::modern;  // classic signs what is sealed itself
    const Hash256 jws = crypto::sha256(as_bytes(request.jws));
    const auto key = TF_TRY(derived(session.message_key, message_key_row(session.id), session.id, label::pay_seal, ports, modern ? ByteView(jws) : ByteView()));
    return decode_pay_content(TF_TRY(crypto::jwe_open_dir(key, typ::pay_content, request.sealed)));
  }
  if (request.suite == Suite::classic) return PayContent{request.classic.content, request.classic.pin_block};
  TF_CHECK(check_mac(session, label::pay_mac, request.jws, request.mac, ports));
  return request.open;
}

Status check_hashes(const PayClaim& claim, const PayContent& content) {
  if (claim.content_hash != crypto::sha256(as_bytes(content.content))) return refused("wallet.other_content", "the content is not what was signed");
  const std::optional<Hash256> pin = content.pin_block ? std::optional(crypto::sha256(*content.pin_block)) : std::nullopt;
  if (claim.pin_hash != pin) return refused("wallet.other_pin_block", "the PIN block is not what was signed");
  return {};
}

Result<SignedPayment> modern_payment(const OpenedPay& opened, const Session& session, const PlatformPorts& ports) {
  const PayRequest& request = opened.request;
  const PayContent content = TF_TRY(content_of(request, session, ports));
  TF_CHECK(check_jws(session.key, typ::pay, request.jws));
  const PayClaim& claim = *opened.claim;  // was read from this JWS
  TF_CHECK(check_binding(claim.binding, session, ports));
  TF_CHECK(check_hashes(claim, content));
  SignedPayment out;
  out.order = {.registration = session.registration, .number = session.number, .terms = claim.terms, .content = TF_TRY(parse_content(content.content)),
               .request = crypto::sha256(as_bytes(request.jws)), .evidence = request.jws, .critical = request.is_critical(),
               .expires_ms = claim.expires_ms, .pin_block = content.pin_block};
  const auto once = open_challenge(claim.binding.nonce_p, ChallengePurpose::pay, ports);
  if (once) out.once = *once;  // too old: a repetition, or nothing
  return out;
}

Result<SignedPayment> classic_payment(const PayRequest& request, const Session& session, const Policy& policy, const PlatformPorts& ports) {
  ClassicPayment payment = request.classic;
  PayContent content = TF_TRY(content_of(request, session, ports));
  payment.content = content.content;
  payment.pin_block = content.pin_block;
  const Bytes fields = classic_pay_fields(payment);
  if (!verify(session.key, fields, payment.signature)) return refused("wallet.wrong_signature", "not signed by the user's key");
  if (payment.number != session.number) return refused("wallet.other_session", "the number of another session");
  ClassicTerms terms = TF_TRY(decode_classic_terms(payment.content));
  terms.terms.order = payment.order;
  SignedPayment out;
  out.order = {.registration = session.registration, .number = session.number, .terms = terms.terms, .content = terms.subject,
               .request = crypto::sha256(fields), .evidence = wire::base64url(fields) + "." + wire::base64url(payment.signature),
               .critical = request.is_critical(), .expires_ms = ports.clock.now_ms() + policy.order_minutes * 60'000, .pin_block = payment.pin_block};
  return out;
}

}  // namespace

namespace {
Means means_of(const OrderTerms& terms) { return {terms.instrument, terms.gateway}; }
}  // namespace

Result<SignedPayment> verified_payment(const OpenedPay& request, const Session& session, const Policy& policy, const PlatformPorts& ports) {
  const bool modern = request.request.suite == Suite::modern;
  SignedPayment out = TF_TRY(modern ? modern_payment(request, session, ports) : classic_payment(request.request, session, policy, ports));
  if (must_be_sealed(policy, out.order.terms) && !out.order.critical) return refused("wallet.not_sealed", "an amount this high is sent sealed");
  return out;
}

Result<Means> means_of(const OpenedPay& request, const Session& session, const PlatformPorts& ports) {
  if (request.request.suite == Suite::modern) return means_of(request.claim->terms);
  const PayContent content = TF_TRY(content_of(request.request, session, ports));
  return means_of(TF_TRY(decode_classic_terms(content.content)).terms);
}

}  // namespace tf::wallet
