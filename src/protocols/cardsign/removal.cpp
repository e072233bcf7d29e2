#include "protocols/cardsign/removal.hpp"

#include <algorithm>

namespace tf::cardsign {

namespace shield = apdu::shield;

Result<RemovalSession::Next> RemovalSession::begin() {
  if (std::exchange(state_, State::reading) != State::begun) return out_of_step();
  return Next(TF_TRY(line_.send({shield::select(), shield::get_data(shield::Object::serial)})));
}

Result<RemovalSession::Next> RemovalSession::answered(const std::vector<Bytes>& answers, const PlatformPorts& ports) {
  const State was = std::exchange(state_, State::over);
  switch (was) {
    case State::reading: {
      const std::string serial = TF_TRY(shield::read_serial(TF_TRY(line_.receive_all(answers)).back()));
      if (serial != serial_) return Error{Code::refused, "cardsign.other_card", "the card in the reader is " + serial + ", asked for was " + serial_};
      state_ = State::opening;
      return Next(TF_TRY(line_.open(keys_, ports.random)));
    }
    case State::opening:
      state_ = State::authenticating;
      return Next(TF_TRY(line_.authenticate(answers)));
    case State::authenticating:
      TF_CHECK(line_.established(answers));
      state_ = State::counting;
      return Next(TF_TRY(line_.send({shield::get_data(shield::Object::containers)})));
    case State::counting:
      there_ = TF_TRY(line_.receive_all(answers)).front();
      return next();
    case State::deleting:
      TF_TRY(line_.receive_all(answers));
      state_ = State::noting;
      return Next(ContainerRemoved{left_.front()});
    default: return out_of_step();
  }
}

Result<RemovalSession::Next> RemovalSession::next() {
  if (left_.empty()) {
    state_ = State::over;
    return Next(AllRemoved{});
  }
  if (std::ranges::find(there_, left_.front()) == there_.end()) {  // an answer was lost before
    state_ = State::noting;
    return Next(ContainerRemoved{left_.front()});
  }
  state_ = State::deleting;
  return Next(TF_TRY(line_.send({shield::delete_container(left_.front())})));
}

Result<RemovalSession::Next> RemovalSession::noted() {
  if (std::exchange(state_, State::over) != State::noting) return out_of_step();
  left_.erase(left_.begin());
  return next();
}

}  // namespace tf::cardsign
