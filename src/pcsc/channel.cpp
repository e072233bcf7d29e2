#include "pcsc/channel.hpp"

namespace tf::pcsc {

Result<std::unique_ptr<PcscChannel>> PcscChannel::open(Library& library, const std::string& reader) {
  Handle card = 0;
  if (const Rc rc = library.connect(reader, card); rc != Rc::ok) return to_error(rc, reader);
  return std::unique_ptr<PcscChannel>(new PcscChannel(library, reader, card));
}

PcscChannel::~PcscChannel() { library_.disconnect(card_); }

Result<Bytes> PcscChannel::transmit(ByteView command) {
  Bytes answer;
  if (const Rc rc = library_.transmit(card_, command, answer); rc != Rc::ok) return to_error(rc, reader_);
  if (answer.size() < 2) return Error{Code::malformed, "apdu.response", "the card gave no status word"};
  return answer;
}

Result<std::shared_ptr<void>> PcscChannel::hold() {
  if (const Rc rc = library_.begin(card_); rc != Rc::ok) return to_error(rc, reader_);
  return std::shared_ptr<void>(nullptr, [this](void*) { (void)library_.end(card_); });
}

Status PcscChannel::reset() {
  if (const Rc rc = library_.reset(card_); rc != Rc::ok) return to_error(rc, reader_);
  return {};
}

}  // namespace tf::pcsc
