// S44–S46, both suites.
#include "crypto/banking/pin_block.hpp"
#include "crypto/digest.hpp"
#include "crypto/jose/jose.hpp"
#include "protocols/wallet/terminal.hpp"
#include "protocols/wallet/user_key.hpp"

namespace tf::wallet {
namespace {

RequestBinding binding_of(const KnownPlatform& platform, const PhoneSession& session, const Challenge& challenge, Random& random) {
  return {platform.name, session.certificate, session.id, challenge.nonce, random.array<16>()};
}

Result<std::optional<PinBlockBytes>> pin_block_of(const PhoneSession& session, const Purchase& purchase, Random& random) {
  if (purchase.pin.empty()) return std::optional<PinBlockBytes>();
  const Bytes block = TF_TRY(crypto::pin_block_4(session.pin_key, purchase.pin, purchase.pan, random));
  PinBlockBytes out{};
  if (block.size() != out.size()) return Error{Code::internal, "wallet.pin_block", "a block of format 4 has 16 bytes"};
  std::ranges::copy(block, out.begin());
  return std::optional(out);
}

Hash256 mac_of(const PhoneSession& session, std::string_view label, std::string_view jws) {
  return crypto::hmac_sha256(derive(session.message_key, session.id, label).reveal(), as_bytes(jws));
}

// context: what the seal goes with, in modern; classic signs the content itself.
std::string sealed(const PhoneSession& session, const PayContent& content, ByteView context, Random& random) {
  return crypto::jwe_seal_dir(derive(session.message_key, session.id, label::pay_seal, context), random, typ::pay_content, encode(content).reveal());
}

Result<RequestUnderWay> modern_pay(const KnownPlatform& platform, const PhoneSession& session, const UserKey& user, const Purchase& purchase,
                                   const Challenge& challenge, Random& random) {
  const PayContent content{purchase.content, TF_TRY(pin_block_of(session, purchase, random))};
  PayClaim claim{.binding = binding_of(platform, session, challenge, random), .terms = purchase.terms,
                 .content_hash = crypto::sha256(as_bytes(purchase.content)), .pin_hash = {}, .expires_ms = purchase.expires_ms};
  if (content.pin_block) claim.pin_hash = crypto::sha256(*content.pin_block);
  PayRequest request;
  request.session = session.id;
  request.jws = TF_TRY(sign_jws(user.key, typ::pay, encode(claim)));
  if (purchase.critical) {
    request.sealed = sealed(session, content, crypto::sha256(as_bytes(request.jws)), random);
  } else {
    request.open = content;
    request.mac = mac_of(session, label::pay_mac, request.jws);
  }
  return RequestUnderWay{purchase.terms.order, {}, purchase.terms.amount, crypto::sha256(as_bytes(request.jws)), encode(request)};
}

Result<RequestUnderWay> classic_pay(const PhoneSession& session, const UserKey& user, const Purchase& purchase, Random& random) {
  PayRequest request;
  request.suite = Suite::classic;
  request.session = session.id;
  ClassicPayment& payment = request.classic;
  payment = {session.id, purchase.terms.order, session.number, encode(ClassicTerms{purchase.terms, purchase.content}),
             TF_TRY(pin_block_of(session, purchase, random)), {}};
  const Bytes fields = classic_pay_fields(payment);
  payment.signature = TF_TRY(sign(user.key, fields));
  if (purchase.critical) request.sealed = sealed(session, {payment.content, payment.pin_block}, {}, random);
  return RequestUnderWay{purchase.terms.order, {}, purchase.terms.amount, crypto::sha256(fields), encode(request)};
}

struct Question {
  std::string_view order;
  std::string_view refund;
  std::int64_t amount = 0;
  std::string_view returned{};
};

Result<RequestUnderWay> ask(const KnownPlatform& platform, const PhoneSession& session, const UserKey& user, const Question& what,
                            const Challenge& challenge, std::int64_t now_ms, Random& random) {
  const std::string order(what.order);
  const std::string refund(what.refund);
  InquiryRequest request;
  request.suite = session.suite;
  request.session = session.id;
  request.returned = std::string(what.returned);
  Hash256 hash{};
  if (session.suite == Suite::modern) {
    const InquiryClaim claim{binding_of(platform, session, challenge, random), order, refund, what.amount};
    request.jws = TF_TRY(sign_jws(user.key, refund.empty() ? typ::query : typ::refund, encode(claim)));
    request.mac = mac_of(session, refund.empty() ? label::query_mac : label::refund_mac, request.jws);
    hash = crypto::sha256(as_bytes(request.jws));
  } else {
    request.classic = {session.id, session.number, order, refund, what.amount, now_ms, random.array<16>(), {}};
    const Bytes fields = classic_inquiry_fields(request.classic);
    request.classic.signature = TF_TRY(sign(user.key, fields));
    hash = crypto::sha256(fields);
  }
  return RequestUnderWay{order, refund, what.amount, hash, encode(request)};
}

// An amount the platform names must be the one that was asked for; a declined or unknown one has moved nothing.
bool amount_fits(const RequestUnderWay& sent, const ResultClaim& claim) {
  if (sent.amount == 0) return true;  // a query: it is what was asked
  return claim.amount == sent.amount || claim.outcome == Outcome::unknown_order;
}

}  // namespace

Result<RequestUnderWay> begin_pay(const KnownPlatform& platform, const PhoneSession& session, const UserKey& user, const Purchase& purchase,
                                  const Challenge& challenge, Random& random) {
  return session.suite == Suite::modern ? modern_pay(platform, session, user, purchase, challenge, random) : classic_pay(session, user, purchase, random);
}

Result<RequestUnderWay> begin_query(const KnownPlatform& platform, const PhoneSession& session, const UserKey& user, std::string_view order,
                                    const Challenge& challenge, std::int64_t now_ms, Random& random, std::string_view returned) {
  return ask(platform, session, user, {order, {}, 0, returned}, challenge, now_ms, random);
}

Result<RequestUnderWay> begin_refund(const KnownPlatform& platform, const PhoneSession& session, const UserKey& user, std::string_view order,
                                     std::string_view refund, std::int64_t amount, const Challenge& challenge, std::int64_t now_ms, Random& random) {
  if (refund.empty() || amount < 1) return Error{Code::invalid, "wallet.refund", "a refund has a number and an amount"};
  return ask(platform, session, user, {order, refund, amount}, challenge, now_ms, random);
}

Result<ResultClaim> finish_result(const KnownPlatform& platform, const RequestUnderWay& sent, std::string_view body) {
  const Error forged{Code::refused, "wallet.platform_signature", "the result is not signed by the platform"};
  const std::string jws = TF_TRY(decode_result(body));
  const std::string kid = TF_TRY(crypto::jws_kid(jws));
  for (const auto& [known, key] : platform.result_keys) {
    if (known != kid) continue;
    const auto payload = crypto::jwt_verify_es256(key, typ::result, kid, jws);
    if (!payload) return forged;
    ResultClaim claim = TF_TRY(decode_result_claim(*payload));
    const bool ours = claim.platform == platform.name && claim.request == sent.request && claim.order == sent.order && claim.refund == sent.refund;
    if (ours && amount_fits(sent, claim)) return claim;
    return Error{Code::refused, "wallet.other_answer", "the platform's answer to another request, or about another amount"};
  }
  return forged;
}

}  // namespace tf::wallet
