// A pseudo terminal as a modem's serial line: programs open its link and say AT to it. Raw from the start, so that nothing is echoed or changed on
// the way; it stays while programs come and go.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tf::pcsc {

class PseudoTerminal {
 public:
  // Linked at path, to be opened by this user alone. Code::conflict "pcsc.path_exists", whatever is there; Code::unavailable "pcsc.pseudo_terminal".
  static Result<std::unique_ptr<PseudoTerminal>> open(const std::string& path);
  PseudoTerminal(const PseudoTerminal&) = delete;
  PseudoTerminal& operator=(const PseudoTerminal&) = delete;
  ~PseudoTerminal();  // the link goes, if it is still this one's

  [[nodiscard]] const std::string& device() const { return device_; }  // /dev/pts/N
  // Octets as they come, and what to say to them, until stop becomes readable. While nobody takes what was said nothing more is read.
  // Code::unavailable "pcsc.pseudo_terminal".
  Status serve(const std::function<std::string(std::string_view)>& answer, int stop);

 private:
  PseudoTerminal(int ours, std::string path) : ours_(ours), path_(std::move(path)) {}
  Status prepare();
  Status write_some(std::string& rest) const;
  int ours_, theirs_ = -1;  // theirs is kept open: a line does not end when a program closes it
  std::string path_, device_{};
  bool linked_ = false;
};

}  // namespace tf::pcsc
