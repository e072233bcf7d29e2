// Cards and accounts, the platform's side.
#include "crypto/digest.hpp"
#include "crypto/jose/jose.hpp"
#include "protocols/wallet/platform_instruments.hpp"
#include "protocols/wallet/platform_steps.hpp"
#include "protocols/wallet/user_key.hpp"

namespace tf::wallet {

Result<InstrumentStep> instruments(const InstrumentRequest& request, const InstrumentSnapshot& snapshot, const PlatformPorts& ports) {
  if (snapshot.session == nullptr) return refused("wallet.session", "no such session, or it has ended");
  const Session& session = *snapshot.session;
  TF_CHECK(check_session(&session, snapshot.active, session.suite, ports));
  TF_CHECK(check_mac(session, label::instruments_mac, request.jws, request.mac, ports));
  const InstrumentClaim claim = TF_TRY(decode_instrument_claim(TF_TRY(verify_jws(session.key, typ::instrument_claim, request.jws))));
  TF_CHECK(check_binding(claim.binding, session, ports));
  if (claim.sealed_hash != crypto::sha256(as_bytes(request.sealed))) return refused("wallet.other_content", "what is sealed is not what was signed");
  if ((claim.act == InstrumentAct::enrol) == request.sealed.empty()) return refused("wallet.not_sealed", "a number, and nothing else, is sent sealed");
  InstrumentStep out{.order = {.act = claim.act, .wallet = {}, .number = {}, .expiry = {}, .token = claim.token},
                     .once = TF_TRY(open_challenge(claim.binding.nonce_p, ChallengePurpose::instruments, ports)), .request = crypto::sha256(as_bytes(request.jws))};
  if (claim.act == InstrumentAct::enrol) {
    const auto key = TF_TRY(derived(session.message_key, message_key_row(session.id), session.id, label::instrument_seal, ports));
    out.order = TF_TRY(decode_instrument(TF_TRY(crypto::jwe_open_dir(key, typ::instrument, request.sealed))));
  }
  return out;
}

Result<std::string> instruments_answer(const InstrumentStep& step, const Session& session, const std::vector<InstrumentView>& instruments, const PlatformPorts& ports) {
  const auto key = TF_TRY(derived(session.message_key, message_key_row(session.id), session.id, label::instrument_answer, ports));
  return encode_sealed(crypto::jwe_seal_dir(key, ports.random, typ::instruments, encode_instruments(step.request, instruments).reveal()));
}

}  // namespace tf::wallet
