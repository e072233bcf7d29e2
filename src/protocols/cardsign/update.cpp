#include "protocols/cardsign/update.hpp"

namespace tf::cardsign {
namespace {

namespace shield = apdu::shield;
namespace ota = apdu::ota;

}  // namespace

Result<Bytes> update_packet(const Update& update, std::uint64_t counter, const ota::Keys& keys) {
  const Bytes script = TF_TRY(ota::encode_script({shield::set_container(update.container), shield::store_certificate(update.slot, update.certificate)}));
  return ota::seal_command({.tar = ota::kShieldTar, .counter = counter, .data = script}, keys);
}

Status check_update_proof(ByteView octets, std::uint64_t counter, const ota::Keys& keys) {
  const auto proof = ota::open_response(octets, keys, ota::kShieldTar, counter);
  if (!proof) return Error{Code::refused, "cardsign.ota_proof", describe(proof.error())};
  if (proof->status == ota::ResponseStatus::counter_low) return Error{Code::refused, "cardsign.ota_counter", "the card had a higher counter before"};
  if (proof->status != ota::ResponseStatus::ok) return Error{Code::refused, "cardsign.ota_status", std::string(name_of(proof->status))};
  for (const apdu::ResponseApdu& each : TF_TRY(ota::parse_outcome(proof->data)))
    if (!each.ok()) return Error{Code::refused, "cardsign.ota_status", "a command of the script: " + describe(each.status)};
  return {};
}

Result<UpdateSession> UpdateSession::make(UpdateSnapshot snapshot) {
  if (snapshot.card.withdrawn) return Error{Code::refused, "cardsign.withdrawn", "the card was withdrawn"};
  if (snapshot.waiting.size() > kMostUpdates) snapshot.waiting.resize(kMostUpdates);
  return UpdateSession(std::move(snapshot));
}

Result<std::optional<Commands>> UpdateSession::begin() {
  if (at_.waiting.empty()) return std::optional<Commands>();
  // The application is selected first, which also ends a secure channel that a session left open.
  Commands out{{TF_TRY(shield::select().encode())}};
  std::uint64_t counter = at_.first_counter;
  for (const Update& one : at_.waiting) out.apdus.push_back(TF_TRY(ota::envelope(TF_TRY(update_packet(one, counter++, at_.keys))).encode()));
  sent_ = true;
  return std::optional(std::move(out));
}

Status UpdateSession::check_proof(const apdu::ResponseApdu& answer, std::uint64_t counter) const {
  if (!answer.ok()) return Error{Code::refused, "cardsign.card_status", "the card answers " + describe(answer.status)};
  return check_update_proof(answer.data, counter, at_.keys);
}

// Each proof stands alone: what was carried out is done, whatever became of the next.
Result<UpdateSession::Outcome> UpdateSession::answered(const std::vector<Bytes>& answers) {
  if (!std::exchange(sent_, false) || answers.empty() || answers.size() > at_.waiting.size() + 1)
    return Error{Code::refused, "cardsign.answers", "the answers do not fit the commands"};
  Outcome out;
  if (answers.size() == 1) out.refused = Error{Code::refused, "cardsign.card_status", "the card does not have the application, or did not answer"};
  for (std::size_t i = 0; i + 1 < answers.size(); ++i) {
    const apdu::ResponseApdu answer = TF_TRY(apdu::ResponseApdu::parse(answers[i + 1]));
    const Status proved = check_proof(answer, at_.first_counter + i);
    if (proved) {
      out.done.push_back(at_.waiting[i].id);
    } else if (!out.refused) {
      out.refused = proved.error();
    }
  }
  return out;
}

}  // namespace tf::cardsign
