// Query and refund by order number.
#include "crypto/digest.hpp"
#include "protocols/wallet/platform_steps.hpp"
#include "protocols/wallet/user_key.hpp"
#include "wire/encoding.hpp"
#include "wire/fields.hpp"
#include "wire/json.hpp"

namespace tf::wallet {
namespace {

// As it was signed, from either suite.
struct SignedInquiry {
  std::string order;
  std::string refund;
  std::int64_t amount = 0;
  Hash256 request{};
  std::string evidence;
  Result<OneUse> once = Error{};
};

Result<InquiryClaim> decode(ChallengePurpose purpose, std::string_view payload) {
  return purpose == ChallengePurpose::query ? decode_query_claim(payload) : decode_refund_claim(payload);
}

Result<SignedInquiry> modern_inquiry(const OpenedInquiry& request, const Session& session, const PlatformPorts& ports) {
  const bool query = request.purpose == ChallengePurpose::query;
  const std::string& jws = request.request.jws;
  TF_CHECK(check_mac(session, query ? label::query_mac : label::refund_mac, jws, request.request.mac, ports));
  const InquiryClaim claim = TF_TRY(decode(request.purpose, TF_TRY(verify_jws(session.key, query ? typ::query : typ::refund, jws))));
  TF_CHECK(check_binding(claim.binding, session, ports));
  return SignedInquiry{claim.order, claim.refund, claim.amount, crypto::sha256(as_bytes(jws)), jws,
                       open_challenge(claim.binding.nonce_p, request.purpose, ports)};
}

Result<SignedInquiry> classic_inquiry(const OpenedInquiry& request, const Session& session, const PlatformPorts& ports) {
  const ClassicInquiry& inquiry = request.request.classic;
  const Bytes fields = classic_inquiry_fields(inquiry);
  if (!verify(session.key, fields, inquiry.signature)) return refused("wallet.wrong_signature", "not signed by the user's key");
  if (inquiry.number != session.number) return refused("wallet.other_session", "the number of another session");
  Result<OneUse> once = OneUse{crypto::sha256(wire::FieldWriter().field("wallet classic inquiry").field(session.id).field(inquiry.nonce_t).take()),
                               inquiry.time_ms + kClassicWindowMs + 1, "wallet.nonce_used"};
  if (const Status time = check_time(inquiry.time_ms, ports); !time) once = time.error();
  return SignedInquiry{inquiry.order, inquiry.refund, inquiry.amount, crypto::sha256(fields),
                       wire::base64url(fields) + "." + wire::base64url(inquiry.signature), std::move(once)};
}

Result<SignedInquiry> verified(const OpenedInquiry& request, const InquirySnapshot& snapshot, const PlatformPorts& ports) {
  const Suite suite = request.request.suite;
  TF_CHECK(check_suite(snapshot.policy, suite));
  TF_CHECK(check_session(snapshot.session, snapshot.active, suite, ports));
  return suite == Suite::modern ? modern_inquiry(request, *snapshot.session, ports) : classic_inquiry(request, *snapshot.session, ports);
}

std::string detail_of(const SignedInquiry& inquiry, std::string_view what) {
  wire::JsonWriter writer;
  writer.begin_object().member("order", inquiry.order).member("refund", inquiry.refund).member("amount", inquiry.amount);
  return writer.member("result", what).end_object().take();
}

Result<OpenedInquiry> opened(InquiryRequest request, ChallengePurpose purpose) {
  OpenedInquiry out{std::move(request), purpose, {}, {}};
  if (out.request.suite == Suite::modern) {
    InquiryClaim claim = TF_TRY(decode(purpose, TF_TRY(unverified_payload(out.request.jws))));
    if (claim.binding.session != out.request.session) return refused("wallet.other_session", "two different sessions");
    out.order = std::move(claim.order);
    out.refund = std::move(claim.refund);
  } else {
    out.order = out.request.classic.order;
    out.refund = out.request.classic.refund;
  }
  return out;
}

Step differs(const SignedInquiry& inquiry, const Session& session) {
  Step out;
  out.refusal = refused("wallet.order_differs", "the number was used for another refund");
  out.writes.alarm = Alarm{AlarmKind::order_differs, session.registration, session.number};
  out.writes.action = "wallet.refund";
  out.writes.subject = session.registration;
  out.writes.detail = detail_of(inquiry, "refund differs");
  return out;
}

}  // namespace

Result<OpenedInquiry> open_query(std::string_view body) { return opened(TF_TRY(decode_query_request(body)), ChallengePurpose::query); }
Result<OpenedInquiry> open_refund(std::string_view body) { return opened(TF_TRY(decode_refund_request(body)), ChallengePurpose::refund); }

Result<Step> query(const OpenedInquiry& request, const InquirySnapshot& snapshot, const PlatformPorts& ports) {
  const SignedInquiry inquiry = TF_TRY(verified(request, snapshot, ports));
  Step out;
  out.writes.once.push_back(TF_TRY(inquiry.once));
  Booked booked = snapshot.booked.value_or(Booked{.request = {}, .transaction = {}, .outcome = Outcome::unknown_order, .amount = 0, .refunded = 0, .currency = {}});
  booked.request = inquiry.request;  // the answer is to this question
  out.reply = TF_TRY(result_of(booked, inquiry.order, "", ports));
  return out;
}

Result<Step> refund(const OpenedInquiry& request, const InquirySnapshot& snapshot, const PlatformPorts& ports) {
  SignedInquiry inquiry = TF_TRY(verified(request, snapshot, ports));
  if (snapshot.refund) {
    if (snapshot.refund->request != inquiry.request) return differs(inquiry, *snapshot.session);
    Step again;
    again.reply = TF_TRY(result_of(*snapshot.refund, inquiry.order, inquiry.refund, ports));
    return again;
  }
  Step out;
  out.writes.once.push_back(TF_TRY(inquiry.once));
  if (!snapshot.booked || snapshot.booked->outcome != Outcome::approved) return refused("wallet.not_paid", "there is nothing to give back");
  if (inquiry.amount > snapshot.booked->amount - snapshot.booked->refunded) return refused("wallet.refund_too_high", "more than is left of the payment");
  out.writes.action = "wallet.refund";
  out.writes.subject = snapshot.session->registration;
  out.writes.detail = detail_of(inquiry, "created");
  out.writes.refund = RefundOrder{snapshot.session->registration, std::move(inquiry.order), std::move(inquiry.refund), inquiry.amount, inquiry.request,
                                  std::move(inquiry.evidence)};
  return out;
}

}  // namespace tf::wallet
