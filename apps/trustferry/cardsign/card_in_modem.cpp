#include "apps/trustferry/cardsign/card_in_modem.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include "base/log.hpp"
#include "card/onboard/credentials.hpp"
#include "card/usim/at_line.hpp"

namespace tf::cli {

Result<std::unique_ptr<CardInModem>> CardInModem::open(card::SoftwareCard& card, const std::string& path) {
  auto line = TF_TRY(pcsc::PseudoTerminal::open(path));
  const int stop = ::eventfd(0, EFD_CLOEXEC);
  if (stop < 0) return Error{Code::unavailable, "pcsc.pseudo_terminal", "no descriptor left"};
  return std::unique_ptr<CardInModem>(new CardInModem(card, std::move(line), stop));
}

CardInModem::CardInModem(card::SoftwareCard& card, std::unique_ptr<pcsc::PseudoTerminal> line, int stop)
    : card_(card), line_(std::move(line)), stop_(stop), has_usim_(card::onboard::usim_of(card.services().memory).has_value()) {
  card_.modem().power_on();
  thread_ = std::thread([this] { work(); });
}

CardInModem::~CardInModem() {
  (void)::eventfd_write(stop_, 1);
  thread_.join();
  ::close(stop_);
  card_.modem().power_off();
}

void CardInModem::work() {
  card::InProcessChannel channel(card_.modem());
  card::usim::AtLine at(channel);
  const Status done = line_->serve([&](std::string_view octets) { return at.take(octets); }, stop_);
  if (!done) log::error("AT commands are not answered any more: " + done.error().detail);
}

}  // namespace tf::cli
