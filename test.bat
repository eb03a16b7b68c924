@echo off
rem Double-click me. All tests for Windows, without make; simulate.bat prepares the environment.
setlocal
set "JINING_RUN=-m pytest"
call "%~dp0simulate.bat" %*
exit /b %ERRORLEVEL%
