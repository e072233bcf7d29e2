// Cards and accounts, the phone's side.
#include "crypto/digest.hpp"
#include "crypto/jose/jose.hpp"
#include "protocols/wallet/terminal_instruments.hpp"
#include "protocols/wallet/user_key.hpp"

namespace tf::wallet {

Result<InstrumentUnderWay> begin_instruments(const KnownPlatform& platform, const PhoneSession& session, const UserKey& user, const InstrumentOrder& order,
                                             const Challenge& challenge, Random& random) {
  InstrumentRequest request{.session = session.id, .jws = {}, .mac = {}, .sealed = {}};
  if (order.act == InstrumentAct::enrol) {
    const auto key = derive(session.message_key, session.id, label::instrument_seal);
    request.sealed = crypto::jwe_seal_dir(key, random, typ::instrument, encode_instrument(order).reveal());
  }
  const InstrumentClaim claim{.binding = {.platform = platform.name, .certificate = session.certificate, .session = session.id, .nonce_p = challenge.nonce, .nonce_t = random.array<16>()},
                              .act = order.act, .token = order.token, .sealed_hash = crypto::sha256(as_bytes(request.sealed))};
  request.jws = TF_TRY(sign_jws(user.key, typ::instrument_claim, encode(claim)));
  request.mac = crypto::hmac_sha256(derive(session.message_key, session.id, label::instruments_mac).reveal(), as_bytes(request.jws));
  return InstrumentUnderWay{crypto::sha256(as_bytes(request.jws)), encode(request)};
}

Result<std::vector<InstrumentView>> finish_instruments(const PhoneSession& session, const InstrumentUnderWay& sent, std::string_view body) {
  const auto key = derive(session.message_key, session.id, label::instrument_answer);
  const auto content = crypto::jwe_open_dir(key, typ::instruments, TF_TRY(decode_sealed(body)));
  if (!content) return Error{Code::refused, "wallet.platform_answer", "the answer is not of this session"};
  return decode_instruments(*content, sent.request);
}

}  // namespace tf::wallet
