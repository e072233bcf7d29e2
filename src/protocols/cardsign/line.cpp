#include "protocols/cardsign/line.hpp"

#include <algorithm>

namespace tf::cardsign {
namespace {

Error unsafe(const Error& why) { return {Code::refused, "cardsign.secure_channel", describe(why)}; }

}  // namespace

Result<Commands> Line::send(const std::vector<apdu::CommandApdu>& commands) {
  Commands out;
  for (const apdu::CommandApdu& command : commands) {
    const apdu::CommandApdu sent = secured() ? TF_TRY(session_->wrap(command)) : command;
    out.apdus.push_back(TF_TRY(sent.encode()));
  }
  sent_ = out.apdus.size();
  return out;
}

Result<std::vector<apdu::ResponseApdu>> Line::receive(const std::vector<Bytes>& answers) {
  const Error wrong{Code::refused, "cardsign.answers", "the answers do not fit the commands"};
  if (answers.empty() || answers.size() > sent_) return wrong;
  std::vector<apdu::ResponseApdu> out;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    apdu::ResponseApdu answer = TF_TRY(apdu::ResponseApdu::parse(answers[i]));
    const bool last = i + 1 == answers.size();
    if (answer.ok() ? last && answers.size() < sent_ : !last) return wrong;
    if (secured()) {
      auto plain = session_->unwrap(answer);
      if (!plain) return unsafe(plain.error());
      answer = std::move(*plain);
    }
    out.push_back(std::move(answer));
  }
  sent_ = 0;
  return out;
}

Result<std::vector<Bytes>> Line::receive_all(const std::vector<Bytes>& answers) {
  std::vector<Bytes> out;
  for (apdu::ResponseApdu& answer : TF_TRY(receive(answers))) {
    if (!answer.ok()) return Error{Code::refused, "cardsign.card_status", "the card answers " + describe(answer.status)};
    out.push_back(std::move(answer.data));
  }
  return out;
}

Result<Commands> Line::open(const apdu::scp03::StaticKeys& keys, Random& random) {
  session_.emplace(TF_TRY(apdu::scp03::HostSession::begin(keys, random)));
  Commands out{{TF_TRY(session_->initialize_update().encode())}};
  sent_ = 1;
  return out;
}

Result<Commands> Line::authenticate(const std::vector<Bytes>& answers) {
  const auto received = TF_TRY(receive(answers));
  auto command = session_->external_authenticate(received.front());
  if (!command) return unsafe(command.error());
  Commands out{{TF_TRY(command->encode())}};
  sent_ = 1;
  return out;
}

Result<Bytes> Line::encrypted(const SecretBytes& pin) const {
  if (!secured() || pin.size() != 8) return Error{Code::internal, "cardsign.pin", "a PIN of 8 octets, within SCP03"};
  SecretBytes block(16);
  std::ranges::copy(pin.reveal(), block.reveal_mutable().begin());
  block.reveal_mutable()[8] = 0x80;
  return session_->encrypt_sensitive(block);
}

Status Line::established(const std::vector<Bytes>& answers) {
  const auto received = TF_TRY(receive(answers));
  if (const Status done = session_->established(received.front()); !done) return unsafe(done.error());
  return {};
}

}  // namespace tf::cardsign
