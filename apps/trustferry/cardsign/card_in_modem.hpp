// A card behind a modem's AT commands, beside whatever reader it is in: programs open the link and have AKA answered by AT+CSIM.
#pragma once
#include <memory>
#include <string>
#include <thread>

#include "card/software_card.hpp"
#include "pcsc/pseudo_terminal.hpp"

namespace tf::cli {

class CardInModem {
 public:
  // Errors of pcsc/pseudo_terminal.hpp.
  static Result<std::unique_ptr<CardInModem>> open(card::SoftwareCard& card, const std::string& path);
  CardInModem(const CardInModem&) = delete;
  CardInModem& operator=(const CardInModem&) = delete;
  ~CardInModem();

  [[nodiscard]] const std::string& device() const { return line_->device(); }
  [[nodiscard]] bool has_usim() const { return has_usim_; }  // as it was opened; a device's module may get one later

 private:
  CardInModem(card::SoftwareCard& card, std::unique_ptr<pcsc::PseudoTerminal> line, int stop);
  void work();
  card::SoftwareCard& card_;
  std::unique_ptr<pcsc::PseudoTerminal> line_;
  int stop_;
  bool has_usim_;
  std::thread thread_{};
};

}  // namespace tf::cli
