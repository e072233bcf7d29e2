// A whole card in software: memory, services, applications. Over a directory (DIRECTORY/card.state, sealed under DIRECTORY/module.key), or over
// any Storage. One process at a time has a card.
#pragma once
#include <memory>
#include <string>

#include "card/card.hpp"
#include "card/personalise.hpp"

namespace tf::card {

class SoftwareCard {
 public:
  // A new card. Errors of personalise() and of FileStorage; nothing is left in the directory when it fails.
  static Result<std::unique_ptr<SoftwareCard>> create(const std::string& directory, const Plan& plan, const pki::Issuer& manufacturer, std::int64_t now_ms, Random& random);
  static Result<std::unique_ptr<SoftwareCard>> open(const std::string& directory, Random& random);
  // Over storage that is the caller's and outlives it.
  static Result<std::unique_ptr<SoftwareCard>> over(Storage& storage, Random& random);
  static Result<std::unique_ptr<SoftwareCard>> create_over(Storage& storage, const Plan& plan, const pki::Issuer& manufacturer, std::int64_t now_ms, Random& random);

  [[nodiscard]] Card& card() { return card_; }    // in a reader
  [[nodiscard]] Card& modem() { return modem_; }  // the same, behind a terminal's modem
  [[nodiscard]] Services& services() { return services_; }
  [[nodiscard]] std::string serial() const;

 private:
  SoftwareCard(std::unique_ptr<Storage> owned, Storage& storage, Random& random);
  static Result<std::unique_ptr<SoftwareCard>> made(std::unique_ptr<Storage> owned, Storage& storage, Random& random, bool blank);

  std::unique_ptr<Storage> owned_;
  Memory memory_;
  Services services_;
  Card card_, modem_;
};

// The applications of every card, PIV first.
std::vector<std::unique_ptr<Application>> applications_of(Services& services);

}  // namespace tf::card
