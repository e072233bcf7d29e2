// A sender that writes into a file (SpoolSettings).
#pragma once
#include <mutex>

#include "sms/settings.hpp"

namespace tf::sms {

class Spool final : public Sender {
 public:
  // Code::invalid "sms.settings", Code::unavailable "sms.spool".
  static Result<std::unique_ptr<Sender>> open(SpoolSettings settings, const Clock& clock);
  ~Spool() override;
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  // done is called before it returns. Code::unavailable "sms.spool" when the line could not be written.
  void send(Message message, Done done) override;
  [[nodiscard]] Status healthy() const override;

 private:
  Spool(int descriptor, SpoolSettings settings, const Clock& clock);
  Status write_line(std::string_view line);

  const int descriptor_;
  const SpoolSettings settings_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  bool failed_ = false;  // the last line did not get onto the disk
  bool torn_ = false;    // and a piece of it may stand in the file
};

}  // namespace tf::sms
