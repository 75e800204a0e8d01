return InrFast.Cli.Application.Run(args, Console.Out, Console.Error);
